import { parseDuration } from "./parse-duration.ts";
import * as z from "zod/mini";
import { MAX_STEP_BYTES, MAX_STEPS, MAX_TIMEOUT_MS } from "../limits.ts";
import { utf8Length } from "../source/utf8-length.ts";
import type {
  ArtifactsDefinition,
  BuildDefinition,
  CacheDefinition,
  CacheKeyDefinition,
  ImageDefinition,
  JobDefinition,
  RetryDefinition,
  SecretDefinition,
  ServiceDefinition,
} from "./job-definition.ts";
import { JOB_NAME, RUNNER_POOL_NAME, STAGE_NAME, VARIABLE_NAME } from "./name-patterns.ts";
import { quoteName } from "./quote-name.ts";
import { fix, mappingFix, textFix } from "./schema-fix.ts";

/**
 * How a mapping is judged.
 *
 * - `fragment`: as one file writes it; keys may be missing, because they may be
 *   inherited, and null, because that removes what would be.
 * - `complete`: after inheritance; nulls are gone and what is required is there.
 */
export type SchemaMode = "fragment" | "complete";

/** One zod schema per job key. */
export type JobKeySchemas = { readonly [K in keyof Required<JobDefinition>]: z.ZodMiniType };

/** The schema of every job key. */
export function jobKeySchemas(mode: SchemaMode): JobKeySchemas {
  const optional = <T extends z.ZodMiniType>(schema: T): z.ZodMiniType =>
    mode === "fragment" ? z.optional(z.nullable(schema)) : z.optional(schema);
  const required = <T extends z.ZodMiniType>(schema: T): z.ZodMiniType =>
    mode === "fragment" ? z.optional(z.nullable(schema)) : schema;
  const merged: Rules = { optional, required };
  return {
    stage: optional(patternText(STAGE_NAME, "set stage to one of the names in stages")),
    target: optional(z.literal("linux", { error: "set target to linux" })),
    extends: optional(extendsSchema()),
    needs: optional(textList("needs", "job names", { least: 0 })),
    image: optional(imageSchema(merged)),
    script: optional(scriptSchema()),
    variables: optional(variablesSchema(mode)),
    secrets: optional(secretsSchema(mode, merged)),
    services: optional(servicesSchema()),
    cache: optional(cacheSchema(mode, merged)),
    artifacts: optional(artifactsSchema(merged)),
    runner_pool: optional(
      patternText(
        RUNNER_POOL_NAME,
        "name the runner_pool with a lower-case letter, then a-z, 0-9, _ or -, at most 64 characters",
      ),
    ),
    invariant: optional(z.record(z.string(), z.unknown(), { error: "make invariant a mapping" })),
    allow_failure: optional(z.boolean({ error: "set allow_failure to true or false" })),
    when: optional(whenSchema()),
    timeout: optional(durationSchema("timeout")),
    retry: optional(retrySchema(merged)),
  };
}

/** The schema of a mapping of variables. */
export function variablesSchema(mode: SchemaMode): z.ZodMiniType {
  const value = z.string({ error: textFix("write a value", "make this value a text") });
  return z.record(
    z
      .string()
      .check(
        z.regex(VARIABLE_NAME, {
          error: "name variables in capitals: A-Z, 0-9 and _, not starting with a digit",
        }),
      ),
    mode === "fragment" ? z.nullable(value) : value,
    { error: "make variables a mapping of NAME: text" },
  );
}

/** Keys that are merged by inheritance: how far they may be missing depends on the mode. */
interface Rules {
  readonly optional: (schema: z.ZodMiniType) => z.ZodMiniType;
  readonly required: (schema: z.ZodMiniType) => z.ZodMiniType;
}

/** Rules inside lists: lists are never merged, so every item is complete. */
const WHOLE: Rules = { optional: (schema) => z.optional(schema), required: (schema) => schema };

type Shape<T> = { readonly [K in keyof Required<T>]: z.ZodMiniType };

function mapping<T>(whose: string, shape: Shape<T>, wrong: string): z.ZodMiniType {
  const allowed = Object.keys(shape);
  return z.strictObject(shape, { error: mappingFix(whose, allowed, { missing: `add ${whose}`, wrong }) });
}

function text(missing: string, wrong: string): z.ZodMiniType<string> {
  return z
    .string({ error: textFix(missing, wrong) })
    .check(z.refine((value: string) => value.trim() !== "", { error: wrong }));
}

function patternText(pattern: RegExp, message: string): z.ZodMiniType<string> {
  return z.string({ error: message }).check(z.regex(pattern, { error: message }));
}

function textList(key: string, ofWhat: string, { least }: { readonly least: number }): z.ZodMiniType {
  const wrong = `make ${key} a list of ${ofWhat}`;
  const list = z.array(text(wrong, `write a text here, or remove this entry of ${key}`), {
    error: fix(`add ${key}: a list of ${ofWhat}`, wrong),
  });
  return least === 0
    ? list
    : list.check(z.minLength(least, { error: `add an entry to ${key}, or remove ${key}` }));
}

function choice<const T extends readonly string[]>(key: string, values: T): z.ZodMiniType {
  return z.enum([...values], { error: `set ${key} to ${orList(values)}` });
}

function orList(values: readonly string[]): string {
  return `${values.slice(0, -1).join(", ")} or ${values.at(-1) ?? ""}`;
}

function whenSchema(): z.ZodMiniType {
  return choice("when", ["on_success", "on_failure", "always"]);
}

function extendsSchema(): z.ZodMiniType {
  const message = "set extends to the name of a job, or to a list of names";
  const name = patternText(JOB_NAME, message);
  return z.union([name, z.array(name, { error: message }).check(z.minLength(1, { error: message }))], {
    error: message,
  });
}

function scriptSchema(): z.ZodMiniType {
  const message = "make script a list of commands";
  const step = z
    .string({
      error: ({ input }) => stepFix(input),
    })
    .check(
      z.refine((value: string) => value.trim() !== "", {
        error: "write a command here, or remove this step",
      }),
      z.refine((value: string) => utf8Length(value, MAX_STEP_BYTES) <= MAX_STEP_BYTES, {
        error: `shorten this step to at most ${MAX_STEP_BYTES} bytes; move it into a script file`,
      }),
    );
  return z
    .array(step, { error: message })
    .check(
      z.minLength(1, { error: "add at least one command to script" }),
      z.maxLength(MAX_STEPS, { error: `split this job: script takes at most ${MAX_STEPS} steps` }),
    );
}

function stepFix(input: unknown): string {
  if (typeof input === "number" || typeof input === "boolean") return "put this command in quotes";
  if (typeof input === "object" && input !== null && !Array.isArray(input)) {
    return 'put this command in quotes: ": " makes it a mapping';
  }
  return "make this step one command";
}

function imageSchema(merged: Rules): z.ZodMiniType {
  const message = "set image to a name, or to a mapping with name and build";
  const name = text("add name: the image's name", "set image to the name of an image");
  const build = mapping<BuildDefinition>(
    "build",
    {
      context: merged.optional(text("add context", "set context to a folder")),
      dockerfile: merged.optional(text("add dockerfile", "set dockerfile to a path")),
      args: merged.optional(
        z.record(
          z.string(),
          z.nullable(z.string({ error: textFix("write a value", "make this value a text") })),
          {
            error: "make args a mapping of NAME: text",
          },
        ),
      ),
      target: merged.optional(text("add target", "set target to the name of a build stage")),
    },
    "make build a mapping with context and dockerfile",
  );
  const long = mapping<ImageDefinition>(
    "image",
    { name: merged.required(name), build: merged.optional(build) },
    message,
  );
  return z.union([name, long], { error: message });
}

function secretsSchema(mode: SchemaMode, merged: Rules): z.ZodMiniType {
  const wrong = "make this secret a mapping with ref";
  const secret = mapping<SecretDefinition>(
    "secret",
    {
      ref: merged.required(
        patternText(/^[a-z][a-z0-9+.-]*:\/\/\S.*$/, "set ref to a secret reference such as env://NAME"),
      ),
      file: merged.optional(z.boolean({ error: "set file to true or false" })),
      required: merged.optional(z.boolean({ error: "set required to true or false" })),
    },
    wrong,
  );
  return z.record(
    z
      .string()
      .check(
        z.regex(VARIABLE_NAME, {
          error: "name secrets in capitals: A-Z, 0-9 and _, not starting with a digit",
        }),
      ),
    mode === "fragment" ? z.nullable(secret) : secret,
    { error: "make secrets a mapping of NAME: {ref: …}" },
  );
}

function servicesSchema(): z.ZodMiniType {
  const message = "make services a list of image names or mappings with name";
  const name = text("add name: the service's image", "set name to the name of an image");
  const argumentList = (key: string): z.ZodMiniType => {
    const wrong = `make ${key} a list of texts`;
    return z.array(z.string({ error: textFix(wrong, wrong) }), { error: wrong });
  };
  const test = "set test to a command, or to a list such as [CMD, pg_isready]";
  const healthcheck = mapping(
    "healthcheck",
    {
      test: z.optional(
        z.union([text(test, test), z.array(z.string({ error: test }), { error: test })], { error: test }),
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
  const long = mapping<ServiceDefinition>(
    "service",
    {
      name,
      alias: z.optional(
        patternText(
          /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/,
          "set alias to a host name: letters, digits, - and ., at most 63 characters",
        ),
      ),
      variables: z.optional(variablesSchema("complete")),
      command: z.optional(argumentList("command")),
      entrypoint: z.optional(argumentList("entrypoint")),
      healthcheck: z.optional(healthcheck),
      ready_timeout: z.optional(durationSchema("ready_timeout")),
    },
    message,
  );
  return z.array(z.union([name, long], { error: message }), { error: message });
}

function cacheSchema(mode: SchemaMode, merged: Rules): z.ZodMiniType {
  const message = "make cache a mapping, or a list of named caches";
  const one = (rules: Rules, named: boolean): z.ZodMiniType => {
    const name = text("add name: every cache in a list needs one", "set name to a text");
    const shape: Shape<CacheDefinition> = {
      name: named ? name : rules.optional(name),
      disabled: rules.optional(z.boolean({ error: "set disabled to true or false" })),
      paths: rules.optional(pathList("paths")),
      key: rules.optional(cacheKeySchema(rules)),
      fallback_keys: rules.optional(textList("fallback_keys", "keys", { least: 0 })),
      policy: rules.optional(choice("policy", ["pull-push", "pull", "push"])),
      when: rules.optional(whenSchema()),
    };
    return mapping<CacheDefinition>("cache", shape, message);
  };
  const hasPaths = z.refine<CacheDefinition>(
    (cache) => cache.paths !== undefined || cache.disabled === true,
    {
      error: "add paths to this cache, or set disabled: true",
      path: ["paths"],
    },
  );
  const inList = (one(WHOLE, true) as z.ZodMiniType<CacheDefinition>).check(hasPaths);
  const list = z.array(inList, { error: message }).check(
    // Also when something else is wrong with the caches, since every problem is reported.
    z.superRefine(reportTakenNames, { when: () => true }),
  );
  const single = one(merged, false);
  const alone = mode === "complete" ? (single as z.ZodMiniType<CacheDefinition>).check(hasPaths) : single;
  return z.union([alone, list], { error: message });
}

function reportTakenNames(caches: unknown, context: z.core.$RefinementCtx): void {
  const seen = new Set<string>();
  for (const [index, cache] of (Array.isArray(caches) ? caches : []).entries()) {
    const name: unknown =
      typeof cache === "object" && cache !== null && "name" in cache ? cache.name : undefined;
    if (typeof name !== "string") continue;
    if (seen.has(name)) {
      context.addIssue({
        code: "custom",
        path: [index, "name"],
        message: `rename this cache: ${quoteName(name)} is taken`,
      });
    }
    seen.add(name);
  }
}

function cacheKeySchema(rules: Rules): z.ZodMiniType {
  const message = "set key to a text, or to a mapping with prefix, files and template";
  const shape: Shape<CacheKeyDefinition> = {
    prefix: rules.optional(text("add prefix", "set prefix to a text")),
    files: rules.optional(pathList("files")),
    template: rules.optional(text("add template", "set template to a text")),
  };
  return z.union([text(message, message), mapping<CacheKeyDefinition>("cache key", shape, message)], {
    error: message,
  });
}

function artifactsSchema(merged: Rules): z.ZodMiniType {
  return mapping<ArtifactsDefinition>(
    "artifacts",
    {
      paths: merged.required(pathList("paths")),
      exclude: merged.optional(textList("exclude", "paths", { least: 0 })),
      when: merged.optional(whenSchema()),
    },
    "make artifacts a mapping with paths",
  );
}

function pathList(key: string): z.ZodMiniType {
  const inside = z.refine<string>((path) => !path.startsWith("/") && !path.split(/[/\\]/).includes(".."), {
    error: "use a path inside the workspace: relative, without ..",
  });
  const wrong = `make ${key} a list of paths`;
  return z
    .array(text(wrong, `write a path here, or remove this entry of ${key}`).check(inside), {
      error: fix(`add ${key}: a list of paths`, wrong),
    })
    .check(z.minLength(1, { error: `add at least one path to ${key}` }));
}

function durationSchema(key: string): z.ZodMiniType {
  const message = `set ${key} to a duration above 0 such as 90s, 10m, 1h30m or a number of seconds`;
  const valid = (value: string | number): boolean => (parseDuration(value) ?? 0) > 0;
  const short = z.refine<string | number>((value) => (parseDuration(value) ?? 0) <= MAX_TIMEOUT_MS, {
    error: `set ${key} to at most 596h`,
  });
  return z.union(
    [
      z.string({ error: message }).check(z.refine(valid, { error: message, abort: true }), short),
      z.number({ error: message }).check(z.refine(valid, { error: message, abort: true }), short),
    ],
    { error: message },
  );
}

function retrySchema(merged: Rules): z.ZodMiniType {
  const message = "set retry to a whole number from 0 to 10, or to a mapping with max and on";
  const limits = "set max to a whole number from 0 to 10";
  const count = (error: string): z.ZodMiniType =>
    z.int({ error }).check(z.minimum(0, { error }), z.maximum(10, { error }));
  const causes = "make on a list of failure, timeout and provider";
  const long = mapping<RetryDefinition>(
    "retry",
    {
      max: merged.required(count(limits)),
      on: merged.optional(
        z
          .array(z.enum(["failure", "timeout", "provider"], { error: causes }), { error: causes })
          .check(z.minLength(1, { error: causes })),
      ),
    },
    message,
  );
  return z.union([count(message), long], { error: message });
}
