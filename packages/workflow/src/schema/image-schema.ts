import * as z from "zod/mini";
import { argumentList } from "./argument-list.ts";
import { choiceSchema } from "./choice-schema.ts";
import type { BuildDefinition, ImageDefinition } from "./job-definition.ts";
import { mappingSchema } from "./mapping-schema.ts";
import { mergeRules, type SchemaMode } from "./merge-rules.ts";
import { textFix } from "./schema-fix.ts";
import { patternSchema, textSchema } from "./text-schema.ts";

/** `image`: a name, or a mapping that also says how to get and start it. */
export function imageSchema(mode: SchemaMode): z.ZodMiniType {
  const merged = mergeRules(mode);
  const message = "set image to a name, or to a mapping with name";
  const name = textSchema("add name: the image's name", "set image to the name of an image");
  const build = mappingSchema<BuildDefinition>(
    "build",
    {
      context: merged.optional(textSchema("add context", "set context to a folder")),
      dockerfile: merged.optional(textSchema("add dockerfile", "set dockerfile to a path")),
      args: merged.optional(
        z.record(
          z.string(),
          z.nullable(z.string({ error: textFix("write a value", "make this value a text") })),
          {
            error: "make args a mapping of NAME: text",
          },
        ),
      ),
      target: merged.optional(textSchema("add target", "set target to the name of a build stage")),
    },
    "make build a mapping with context and dockerfile",
  );
  const long = mappingSchema<ImageDefinition>(
    "image",
    {
      name: merged.required(name),
      build: merged.optional(build),
      entrypoint: merged.optional(argumentList("entrypoint")),
      user: merged.optional(textSchema("add user", 'set user to a name or a number, such as "1000:1000"')),
      platform: merged.optional(
        patternSchema(/^[a-z0-9]+\/[a-z0-9_]+(?:\/v?[a-z0-9]+)?$/, "set platform to one such as linux/arm64"),
      ),
      pull_policy: merged.optional(choiceSchema("pull_policy", ["if-not-present", "always", "never"])),
    },
    message,
  );
  return z.union([name, long], { error: message });
}
