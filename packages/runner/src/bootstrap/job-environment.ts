import {
  ok,
  type EventError,
  type GraphImage,
  type GraphNode,
  type GraphVariable,
  type RunIdentity,
  cachesOf,
  imageOf,
} from "@loom/core";
import {
  expandText,
  expandVariables,
  jobVariables,
  predefinedVariables,
  type ExpansionError,
  type RunFacts,
} from "@loom/workflow/run";
import type { Environment } from "@loom/system";
import type { GitFacts } from "./git-facts.ts";

/** What the environment of every job of a run has in common. */
export interface EnvironmentFacts {
  readonly identity: RunIdentity;
  /** Relative to the project. */
  readonly workflowPath: string;
  /** Absolute path of the folder that jobs work in. */
  readonly projectDir: string;
  readonly git: GitFacts | undefined;
  /** What a variable that names itself means where no layer of the workflow set it. */
  readonly callerEnv: Environment;
  /** `--var`, by name: stronger than everything in the workflow. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What a run's variables are made from, outside any job. */
export function runFacts({ identity, workflowPath, projectDir, git }: EnvironmentFacts): RunFacts {
  return {
    runId: identity.runId,
    pipelineId: identity.pipelineId,
    workflowPath,
    projectDir,
    ...(git !== undefined && {
      commit: {
        sha: git.headSha,
        message: git.message,
        ...(git.branch !== undefined && { branch: git.branch }),
      },
    }),
  };
}

/** What the environment of one attempt at a job depends on besides. */
export interface AttemptFacts {
  /** Default: `host`. */
  readonly provider?: string;
  /** Variables from reports of other jobs, which mean what they say. */
  readonly reported?: Readonly<Record<string, string>>;
  /** Variables from whoever started the run, which mean what they say. */
  readonly given?: Readonly<Record<string, string>> | undefined;
}

/** The variables of one job, expanded; or why they cannot be, which only `--var` and reports of other jobs can bring about. */
export function jobEnvironment(
  facts: EnvironmentFacts,
  node: GraphNode,
  { provider = "host", reported = {}, given: started = {} }: AttemptFacts = {},
): ReturnType<typeof expandVariables> {
  const { id, stage, target } = node;
  const image = imageOf(node);
  const predefined = predefinedVariables({
    ...runFacts(facts),
    job: { id, stage, target, provider, ...(image !== undefined && { image: image.name }) },
  });
  // What Loom itself says of the job, no report changes.
  const given = { ...started, ...reported, ...predefined };
  const layers = jobVariables(node, { predefined: given, commandLine: facts.variables });
  const expanded = expandVariables(layers, facts.callerEnv);
  // The name of the image is expanded by the variables, and one of them says it.
  if (!expanded.ok || image?.name.includes("$") !== true) return expanded;
  const { value } = expanded;
  return value["LOOM_JOB_IMAGE"] === image.name
    ? ok({ ...value, LOOM_JOB_IMAGE: expandText(image.name, value) })
    : expanded;
}

/**
 * The same job with everything expanded by its own variables that is not text of a shell: the names of images, the paths of
 * caches and artifacts, where its steps work, the variables of its services and the arguments of its build.
 */
export function withExpanded(node: GraphNode, env: Readonly<Record<string, string>>): GraphNode {
  const { services, artifacts, cache, step_options: options } = node;
  const image = imageOf(node);
  const text = (written: string): string => expandText(written, env);
  const all = (written: readonly string[]): readonly string[] => written.map(text);
  const reports = artifacts?.reports;
  return {
    ...node,
    ...(image !== undefined && { image: expandedImage(image, env) }),
    ...(options !== undefined && {
      step_options: options.map((each) => ({
        ...each,
        ...(each.dir !== undefined && { dir: text(each.dir) }),
      })),
    }),
    ...(services !== undefined && {
      services: services.map((service) => ({
        ...service,
        name: text(service.name),
        ...(service.variables !== undefined && { variables: expandedValues(service.variables, env) }),
      })),
    }),
    ...(artifacts !== undefined && {
      artifacts: {
        ...artifacts,
        paths: all(artifacts.paths),
        ...(artifacts.exclude !== undefined && { exclude: all(artifacts.exclude) }),
        ...(reports !== undefined && {
          reports: {
            ...(reports.junit !== undefined && { junit: all(reports.junit) }),
            ...(reports.dotenv !== undefined && { dotenv: reports.dotenv }),
          },
        }),
      },
    }),
    ...(cache !== undefined && {
      cache: cachesOf(node).map((each) => ({ ...each, paths: all(each.paths) })),
    }),
  };
}

function expandedImage(image: GraphImage, env: Readonly<Record<string, string>>): GraphImage {
  const { name, build } = image;
  return {
    ...image,
    name: expandText(name, env),
    ...(build?.args !== undefined && { build: { ...build, args: expandedValues(build.args, env) } }),
  };
}

/**
 * The variables of single steps, expanded, by the numbers of the steps: those of the job are below them.
 *
 * @param env - The variables of the job, expanded.
 * @param outside - What a variable that names itself means where the job has none of that name.
 */
export function stepEnvironments(
  { step_options: options = [] }: GraphNode,
  env: Readonly<Record<string, string>>,
  outside: Environment,
): ReadonlyMap<number, Readonly<Record<string, string>>> {
  return new Map(
    options.flatMap(({ step, variables = [] }) =>
      variables.length === 0 ? [] : [[step, ownValues(variables, env, outside)] as const],
    ),
  );
}

function ownValues(
  variables: readonly GraphVariable[],
  env: Readonly<Record<string, string>>,
  outside: Environment,
): Readonly<Record<string, string>> {
  const values = expandVariables(jobVariables({ variables }, { predefined: env }), outside);
  return Object.fromEntries(
    variables.map(({ key, value }) => [key, values.ok ? (values.value[key] ?? value) : value]),
  );
}

/** Variables that may name each other, too; where they do in a circle, they stay as written. */
function expandedValues(
  variables: readonly GraphVariable[],
  env: Readonly<Record<string, string>>,
): readonly GraphVariable[] {
  const values = expandVariables(jobVariables({ variables }, { predefined: env }));
  return values.ok
    ? variables.map(({ key, value }) => ({ key, value: values.value[key] ?? value }))
    : variables;
}

/** Says what to do about variables that cannot be expanded. */
export function expansionError(errors: readonly ExpansionError[]): EventError {
  const message = errors
    .map((error) =>
      error.code === "cycle"
        ? `Cannot expand variables: resolve the cycle ${[...error.names, error.names[0]].join(" -> ")}`
        : `Cannot expand variable "${error.name}": the variables of one job grow too long`,
    )
    .join("\n");
  return { code: "VARIABLE_CYCLE", message };
}
