import { WHENS } from "@loom/core";
import * as z from "zod/mini";
import { cacheSchema } from "./cache-schema.ts";
import { carrySchema } from "./carry-schema.ts";
import { choiceSchema, whenSchema } from "./choice-schema.ts";
import { durationSchema } from "./duration-schema.ts";
import { allowFailureSchema, exitCodesSchema } from "./exit-codes-schema.ts";
import { imageSchema } from "./image-schema.ts";
import { jobRulesSchema } from "./job-rules-schema.ts";
import type {
  ArtifactsDefinition,
  JobDefinition,
  ReportsDefinition,
  RetryDefinition,
  SecretDefinition,
} from "./job-definition.ts";
import { lazySchemas, type LazySchemas } from "./lazy-schemas.ts";
import { mappingSchema } from "./mapping-schema.ts";
import { matrixSchema } from "./matrix-schema.ts";
import { mergeRules, type SchemaMode } from "./merge-rules.ts";
import { JOB_NAME, RESOURCE_NAME, RUNNER_POOL_NAME, STAGE_NAME, VARIABLE_NAME } from "./name-patterns.ts";
import { needsSchema } from "./needs-schema.ts";
import { scriptSchema } from "./script-schema.ts";
import { servicesSchema } from "./services-schema.ts";
import { shellSchema } from "./shell-schema.ts";
import { pathListSchema, patternSchema, textSchema } from "./text-schema.ts";
import { titleSchema } from "./title-schema.ts";
import { variablesSchema } from "./variables-schema.ts";

/** A key of a job. */
export type JobKey = keyof JobDefinition;

const memoised = new Map<SchemaMode, LazySchemas<JobKey>>();

/** The schema of every job key. */
export function jobKeySchemas(mode: SchemaMode): LazySchemas<JobKey> {
  const schemas = memoised.get(mode) ?? defineJobKeys(mode);
  memoised.set(mode, schemas);
  return schemas;
}

function defineJobKeys(mode: SchemaMode): LazySchemas<JobKey> {
  const { optional } = mergeRules(mode);
  const pool = "name the runner_pool with a lower-case letter, then a-z, 0-9, _ or -, at most 64 characters";
  const resource = "name the resource with a lower-case letter, then a-z, 0-9, _ or -, at most 64 characters";
  return lazySchemas({
    stage: () => optional(patternSchema(STAGE_NAME, "set stage to one of the names in stages")),
    title: () => optional(titleSchema()),
    target: () => optional(z.literal("linux", { error: "set target to linux" })),
    extends: () => optional(extendsSchema()),
    needs: () => optional(needsSchema()),
    gate: () => optional(choiceSchema("gate", ["stages", "needs"])),
    matrix: () => optional(matrixSchema()),
    image: () => optional(imageSchema(mode)),
    before_script: () => optional(scriptSchema("before_script", { least: 0 })),
    script: () => optional(scriptSchema("script", { least: 1 })),
    after_script: () => optional(scriptSchema("after_script", { least: 0 })),
    shell: () => optional(shellSchema()),
    carry: () => optional(carrySchema()),
    variables: () => optional(variablesSchema(mode)),
    secrets: () => optional(secretsSchema(mode)),
    services: () => optional(servicesSchema()),
    cache: () => optional(cacheSchema(mode)),
    artifacts: () => optional(artifactsSchema(mode)),
    runner_pool: () => optional(patternSchema(RUNNER_POOL_NAME, pool)),
    resource: () => optional(patternSchema(RESOURCE_NAME, resource)),
    workspace: () => optional(choiceSchema("workspace", ["own", "shared"])),
    invariant: () => optional(z.record(z.string(), z.unknown(), { error: "make invariant a mapping" })),
    allow_failure: () => optional(allowFailureSchema(mode)),
    when: () => optional(choiceSchema("when", [...WHENS, "manual"])),
    rules: () => optional(jobRulesSchema()),
    timeout: () => optional(durationSchema("timeout")),
    retry: () => optional(retrySchema(mode)),
  });
}

function extendsSchema(): z.ZodMiniType {
  const message = "set extends to the name of a job, or to a list of names";
  const name = patternSchema(JOB_NAME, message);
  return z.union([name, z.array(name, { error: message }).check(z.minLength(1, { error: message }))], {
    error: message,
  });
}

function secretsSchema(mode: SchemaMode): z.ZodMiniType {
  const merged = mergeRules(mode);
  const wrong = "make this secret a mapping with ref";
  const secret = mappingSchema<SecretDefinition>(
    "secret",
    {
      ref: merged.required(
        patternSchema(/^[a-z][a-z0-9+.-]*:\/\/\S.*$/, "set ref to a secret reference such as env://NAME"),
      ),
      file: merged.optional(z.boolean({ error: "set file to true or false" })),
      required: merged.optional(z.boolean({ error: "set required to true or false" })),
    },
    wrong,
  );
  return z.record(
    z.string().check(
      z.regex(VARIABLE_NAME, {
        error: "name secrets in capitals: A-Z, 0-9 and _, not starting with a digit",
      }),
    ),
    mode === "fragment" ? z.nullable(secret) : secret,
    { error: "make secrets a mapping of NAME: {ref: …}" },
  );
}

function artifactsSchema(mode: SchemaMode): z.ZodMiniType {
  const merged = mergeRules(mode);
  const schema = mappingSchema<ArtifactsDefinition>(
    "artifacts",
    {
      paths: merged.optional(pathListSchema("paths")),
      exclude: merged.optional(pathListSchema("exclude", { least: 0 })),
      when: merged.optional(whenSchema()),
      reports: merged.optional(reportsSchema(mode)),
    },
    "make artifacts a mapping with paths",
  );
  if (mode === "fragment") return schema;
  const hasSome = z.refine<unknown>(
    (value) => typeof value !== "object" || value === null || "paths" in value || "reports" in value,
    { error: "add paths: a list of paths, or reports" },
  );
  return schema.check(hasSome);
}

function reportsSchema(mode: SchemaMode): z.ZodMiniType {
  const wrong = "make junit a path, a glob, or a list of them";
  const one = textSchema(wrong, wrong);
  const { optional } = mergeRules(mode);
  const file = "set dotenv to the path of a file in the workspace, without variables and patterns";
  return mappingSchema<ReportsDefinition>(
    "reports",
    {
      junit: optional(z.union([one, pathListSchema("junit")], { error: wrong })),
      dotenv: optional(patternSchema(/^(?!\/|\s*$)(?!(?:.*\/)?\.\.(?:\/|$))[^*?[\]{}$\0\n]+$/, file)),
    },
    "make reports a mapping with junit or dotenv",
  );
}

function retrySchema(mode: SchemaMode): z.ZodMiniType {
  const merged = mergeRules(mode);
  const message = "set retry to a whole number from 0 to 10, or to a mapping with max and on";
  const limits = "set max to a whole number from 0 to 10";
  const count = (error: string): z.ZodMiniType =>
    z.int({ error }).check(z.minimum(0, { error }), z.maximum(10, { error }));
  const causes = "make on a list of failure, timeout, provider and worker";
  const long = mappingSchema<RetryDefinition>(
    "retry",
    {
      max: merged.required(count(limits)),
      on: merged.optional(
        z
          .array(z.enum(["failure", "timeout", "provider", "worker"], { error: causes }), { error: causes })
          .check(z.minLength(1, { error: causes })),
      ),
      exit_codes: merged.optional(exitCodesSchema()),
    },
    message,
  );
  return z.union([count(message), long], { error: message });
}
