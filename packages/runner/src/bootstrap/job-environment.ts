import type { GraphNode, GraphVariable, RunIdentity } from "@loom/core";
import {
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

/** The variables of one job, expanded; or why they cannot be, which only `--var` can bring about. */
export function jobEnvironment(
  facts: EnvironmentFacts,
  node: GraphNode,
  provider = "host",
): ReturnType<typeof expandVariables> {
  const { id, stage, target, image } = node;
  const predefined = predefinedVariables({
    ...runFacts(facts),
    job: { id, stage, target, provider, ...(image !== undefined && { image: image.name }) },
  });
  return expandVariables(jobVariables(node, { predefined, commandLine: facts.variables }), facts.callerEnv);
}

/**
 * The same job with what stands in the variables of its services and in the arguments of its build expanded by its own
 * variables.
 */
export function withExpanded(node: GraphNode, env: Readonly<Record<string, string>>): GraphNode {
  const { image, services } = node;
  const expanded = (variables: readonly GraphVariable[]): readonly GraphVariable[] => {
    const values = expandVariables(jobVariables({ variables }, { predefined: env }));
    // A cycle stays as it is written.
    return values.ok
      ? variables.map(({ key, value }) => ({ key, value: values.value[key] ?? value }))
      : variables;
  };
  const args = image?.build?.args;
  return {
    ...node,
    ...(services !== undefined && {
      services: services.map((service) =>
        service.variables === undefined ? service : { ...service, variables: expanded(service.variables) },
      ),
    }),
    ...(image?.build !== undefined &&
      args !== undefined && { image: { ...image, build: { ...image.build, args: expanded(args) } } }),
  };
}

/** Says what to do about variables that cannot be expanded. */
export function describeExpansion(errors: readonly ExpansionError[]): string {
  return errors
    .map((error) =>
      error.code === "cycle"
        ? `Cannot expand variables: resolve the cycle ${[...error.names, error.names[0]].join(" -> ")}`
        : `Cannot expand variable "${error.name}": the variables of one job grow too long`,
    )
    .join("\n");
}
