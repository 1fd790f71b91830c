import * as z from "zod/mini";
import { argumentList } from "./argument-list.ts";
import { durationSchema } from "./duration-schema.ts";
import type { ServiceDefinition } from "./job-definition.ts";
import { mappingSchema } from "./mapping-schema.ts";
import { textFix } from "./schema-fix.ts";
import { patternSchema, textSchema } from "./text-schema.ts";

/** `services`: names of images, or mappings. Lists are never merged, so every entry is whole. */
export function servicesSchema(): z.ZodMiniType {
  const message = "make services a list of image names or mappings with name";
  const name = textSchema("add name: the service's image", "set name to the name of an image");
  const long = mappingSchema<ServiceDefinition>(
    "service",
    {
      name,
      alias: z.optional(
        patternSchema(
          /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
          "set alias to a host name: letters, digits, - and ., at most 63 characters",
        ),
      ),
      variables: z.optional(serviceVariablesSchema()),
      command: z.optional(argumentList("command")),
      entrypoint: z.optional(argumentList("entrypoint")),
      healthcheck: z.optional(healthcheckSchema()),
      ready_timeout: z.optional(durationSchema("ready_timeout")),
    },
    message,
  );
  return z.array(z.union([name, long], { error: message }), { error: message });
}

/** Other programs name their variables as they like, `discovery.type` among them. */
function serviceVariablesSchema(): z.ZodMiniType {
  const name = "name this variable with letters, digits, _, . and -, not starting with a digit";
  return z.record(
    z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, { error: name })),
    z.string({ error: textFix("write a value", "make this value a text") }),
    { error: "make variables a mapping of NAME: text" },
  );
}

function healthcheckSchema(): z.ZodMiniType {
  const test = "set test to a command, or to a list such as [CMD, pg_isready]";
  return mappingSchema(
    "healthcheck",
    {
      test: z.optional(
        z.union([textSchema(test, test), z.array(z.string({ error: test }), { error: test })], {
          error: test,
        }),
      ),
      interval: z.optional(durationSchema("interval")),
      timeout: z.optional(durationSchema("timeout")),
      retries: z.optional(
        z
          .int({ error: "set retries to a whole number" })
          .check(z.minimum(0, { error: "set retries to 0 or more" })),
      ),
      start_period: z.optional(durationSchema("start_period")),
      start_interval: z.optional(durationSchema("start_interval")),
      disable: z.optional(z.boolean({ error: "set disable to true or false" })),
    },
    "make healthcheck a mapping",
  );
}
