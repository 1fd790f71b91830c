import { CARRIED, parseDuration } from "@loom/core";
import type {
  GraphArtifacts,
  GraphBuild,
  GraphCache,
  GraphImage,
  GraphMatrix,
  GraphNode,
  GraphRetry,
  GraphRule,
  GraphSecret,
  GraphService,
  GraphStep,
  GraphVariable,
} from "@loom/core";
import type {
  ArtifactsDefinition,
  BuildDefinition,
  CacheDefinition,
  ImageDefinition,
  JobDefinition,
  JobRuleDefinition,
  RetryDefinition,
  SecretDefinition,
  ServiceDefinition,
  StepDefinition,
} from "../schema/job-definition.ts";

/** What a node has that is not in the definition of its job alone. */
export interface NodeParts {
  /** Those of the job with the workflow's own below them, ordered by key. */
  readonly variables: readonly GraphVariable[];
  /** The ids of the jobs that it needs. */
  readonly needs: readonly string[];
  /** The ids of those whose artifacts it does not get. */
  readonly withoutArtifacts: readonly string[];
  /** Which of the jobs of a matrix it is. */
  readonly matrix?: GraphMatrix;
}

/**
 * One node of the graph. Keys stand in the order of the format, and only what
 * is in effect is there: a default written out compiles like one left out.
 */
export function jobNode(
  id: string,
  definition: JobDefinition & { readonly stage: string; readonly script: StepList },
  { variables, needs, withoutArtifacts, matrix }: NodeParts,
): GraphNode {
  const { stage, script, image, artifacts, when, timeout, runner_pool, resource, invariant, ...others } =
    definition;
  const { cache, services: written, secrets: references, retry: again, ...flags } = others;
  const {
    allow_failure,
    workspace,
    shell,
    carry = [],
    rules,
    before_script: before = [],
    after_script: after = [],
    ...elsewhere
  } = flags;
  // What is inherited, what became of the parts and the only target there is have been read before.
  const { extends: _parents, variables: _own, needs: _needs, matrix: _matrix, ...last } = elsewhere;
  const { target: _target, title, gate, ...unread } = last;
  expectNone(unread);
  const options = [...before, ...script, ...after].flatMap((step, index) =>
    typeof step === "string" ? [] : stepOptions(index + 1, step, shell),
  );
  const caches = graphCaches(id, cache);
  // As it is written: one that is no list is none here.
  const [first] = caches;
  const isOne = cache !== undefined && !isList(cache);
  const services = (written ?? []).map((service) => graphService(service));
  const secrets = sortedEntries(references ?? {}).map(([name, secret]) => graphSecret(name, secret));
  const retry = again === undefined ? undefined : graphRetry(again);
  return {
    id,
    stage,
    target: "linux",
    ...(title !== undefined && { title }),
    ...(matrix !== undefined && { matrix }),
    ...(image !== undefined && { image: graphImage(image) }),
    ...(before.length > 0 && { before_script: before.map(commandOf) }),
    script: script.map(commandOf),
    ...(after.length > 0 && { after_script: after.map(commandOf) }),
    ...(options.length > 0 && { step_options: options }),
    ...(shell !== undefined && shell !== "sh" && { shell }),
    ...(carry.length > 0 && { carry: CARRIED.filter((what) => carry.includes(what)) }),
    ...(variables.length > 0 && { variables }),
    ...(first !== undefined && { cache: isOne ? first : caches }),
    ...(artifacts !== undefined && { artifacts: graphArtifacts(artifacts) }),
    ...(services.length > 0 && { services }),
    ...(secrets.length > 0 && { secrets }),
    ...(needs.length > 0 && { needs }),
    ...(withoutArtifacts.length > 0 && { needs_without_artifacts: withoutArtifacts }),
    ...(gate === "needs" && { gate }),
    ...(allow_failure !== undefined && allow_failure !== false && { allow_failure }),
    ...(when !== undefined && when !== "on_success" && { when }),
    ...(rules !== undefined && { rules: rules.map(graphRule) }),
    ...(timeout !== undefined && { timeout_ms: milliseconds(timeout) }),
    // Without one, a job whose worker was lost is tried again all the same.
    ...(retry !== undefined && (retry.max > 0 || retry.on.includes("worker")) && { retry }),
    ...(runner_pool !== undefined && { runner_pool }),
    ...(resource !== undefined && { resource }),
    ...(workspace === "own" && { workspace: "own" as const }),
    ...(invariant !== undefined && { invariant: { ...invariant } }),
  };
}

type StepList = readonly (string | StepDefinition)[];

function commandOf(step: string | StepDefinition): string {
  return typeof step === "string" ? step : step.run;
}

/** What a step says beside its command; nothing where that is what holds anyway. */
function stepOptions(
  number: number,
  {
    run: _run,
    name,
    if: condition,
    dir,
    variables: written,
    timeout,
    allow_failure,
    shell,
    ...unread
  }: StepDefinition,
  jobShell: JobDefinition["shell"] = "sh",
): readonly GraphStep[] {
  expectNone(unread);
  const variables = graphVariables(written ?? {});
  const options = {
    ...(name !== undefined && { name }),
    ...(condition !== undefined && { if: condition }),
    ...(allow_failure !== undefined && allow_failure !== false && { allow_failure }),
    ...(dir !== undefined && { dir }),
    ...(variables.length > 0 && { variables }),
    ...(timeout !== undefined && { timeout_ms: milliseconds(timeout) }),
    ...(shell !== undefined && shell !== jobShell && { shell }),
  };
  return Object.keys(options).length === 0 ? [] : [{ step: number, ...options }];
}

/** Takes the keys of a job that nobody has read: one that is new does not compile until it is. */
function expectNone(_unread: { readonly [key: string]: never }): void {}

/** Variables as the graph lists them: ordered by key, by UTF-16 code units. */
export function graphVariables(variables: { readonly [name: string]: string }): GraphVariable[] {
  return sortedEntries(variables).map(([key, value]) => ({ key, value }));
}

function sortedEntries<T>(record: { readonly [key: string]: T }): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function graphImage(image: string | ImageDefinition): string | GraphImage {
  if (typeof image === "string") return image;
  const { name, build, entrypoint, user, platform, pull_policy } = image;
  return {
    name,
    ...(entrypoint !== undefined && { entrypoint }),
    ...(user !== undefined && { user }),
    ...(platform !== undefined && { platform }),
    ...(pull_policy !== undefined && pull_policy !== "if-not-present" && { pull_policy }),
    ...(build !== undefined && { build: graphBuild(build) }),
  };
}

function graphBuild({
  context = ".",
  dockerfile = "Dockerfile",
  args: written,
  target,
}: BuildDefinition): GraphBuild {
  const args = graphVariables(written ?? {});
  return {
    context,
    dockerfile,
    ...(args.length > 0 && { args }),
    ...(target !== undefined && { target }),
  };
}

function graphCaches(job: string, cache: JobDefinition["cache"]): GraphCache[] {
  const caches: readonly CacheDefinition[] = cache === undefined ? [] : isList(cache) ? cache : [cache];
  return caches.filter((one) => one.disabled !== true).map((one) => graphCache(job, one));
}

function isList(cache: CacheDefinition | readonly CacheDefinition[]): cache is readonly CacheDefinition[] {
  return Array.isArray(cache);
}

function graphCache(job: string, cache: CacheDefinition): GraphCache {
  const {
    name,
    paths = [],
    key = job,
    fallback_keys = [],
    policy = "pull-push",
    when = "on_success",
  } = cache;
  return {
    ...(name !== undefined && { name }),
    paths,
    key: typeof key === "string" ? key : graphCacheKey(job, key),
    ...(fallback_keys.length > 0 && { fallback_keys }),
    policy,
    when,
  };
}

function graphCacheKey(
  job: string,
  key: Exclude<CacheDefinition["key"], string | undefined>,
): GraphCache["key"] {
  const { prefix, files, template } = key;
  if (prefix === undefined && files === undefined && template === undefined) return job;
  return {
    ...(prefix !== undefined && { prefix }),
    ...(files !== undefined && { files }),
    ...(template !== undefined && { template }),
  };
}

function graphArtifacts(artifacts: ArtifactsDefinition): GraphArtifacts {
  const { paths = [], exclude = [], when = "on_success", reports } = artifacts;
  const junit = typeof reports?.junit === "string" ? [reports.junit] : reports?.junit;
  const dotenv = reports?.dotenv;
  return {
    paths,
    ...(exclude.length > 0 && { exclude }),
    when,
    ...(reports !== undefined && {
      reports: { ...(junit !== undefined && { junit }), ...(dotenv !== undefined && { dotenv }) },
    }),
  };
}

function graphService(service: string | ServiceDefinition): GraphService {
  if (typeof service === "string") return { name: service };
  const { name, alias, command, entrypoint, healthcheck, ready_timeout } = service;
  const variables = graphVariables(service.variables ?? {});
  return {
    name,
    ...(alias !== undefined && { alias }),
    ...(variables.length > 0 && { variables }),
    ...(command !== undefined && { command }),
    ...(entrypoint !== undefined && { entrypoint }),
    ...(healthcheck !== undefined && { healthcheck: { ...healthcheck } }),
    ...(ready_timeout !== undefined && { ready_timeout_ms: milliseconds(ready_timeout) }),
  };
}

function graphSecret(name: string, { ref, file = true, required = true }: SecretDefinition): GraphSecret {
  return { name, ref, file, required };
}

function graphRule(rule: JobRuleDefinition): GraphRule {
  const { if: condition, changes, exists, when, allow_failure } = rule;
  const variables = graphVariables(rule.variables ?? {});
  return {
    ...(condition !== undefined && { if: condition }),
    ...(changes !== undefined && { changes }),
    ...(exists !== undefined && { exists }),
    ...(when !== undefined && { when }),
    ...(variables.length > 0 && { variables }),
    ...(allow_failure !== undefined && { allow_failure }),
  };
}

function graphRetry(retry: number | RetryDefinition): GraphRetry {
  const written: RetryDefinition = typeof retry === "number" ? { max: retry } : retry;
  const { max, exit_codes: codes } = written;
  const on = written.on ?? (codes === undefined ? (["failure", "timeout", "provider"] as const) : []);
  return { max, on: [...new Set(on)], ...(codes !== undefined && { exit_codes: [...new Set(codes)] }) };
}

/** The schema has checked that it is a duration; half a millisecond counts as one. */
function milliseconds(written: string | number): number {
  return Math.max(1, parseDuration(written) ?? 1);
}
