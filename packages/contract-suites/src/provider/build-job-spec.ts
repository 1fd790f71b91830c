import { jobId, type GraphNode } from "@loom/core";
import type { JobSpec } from "@loom/ports";

/** What a test wants to be different about a job. */
export interface JobSpecParts {
  /** Default: `build`. */
  readonly id?: string;
  /** Default: 1. */
  readonly attempt?: number;
  /** On top of `LOOM_RUN_ID` and `LOOM_JOB_ID`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: `/workspace`. */
  readonly workspaceRoot?: string;
  /** Default: false. */
  readonly copiesWorkspace?: boolean;
  /** Default: none. */
  readonly privateFolder?: string | undefined;
  /** Put over the compiled node. */
  readonly node?: Partial<GraphNode>;
}

/** A job ready to be set up, with everything that a test does not care about filled in. */
export function buildJobSpec(parts: JobSpecParts = {}): JobSpec {
  const id = parts.id ?? "build";
  return {
    jobId: jobId(id),
    node: { id, stage: "test", target: "linux", script: ["true"], ...parts.node },
    attempt: parts.attempt ?? 1,
    env: { LOOM_RUN_ID: "loom-run-local-1", LOOM_JOB_ID: id, ...parts.env },
    workspaceRoot: parts.workspaceRoot ?? "/workspace",
    ...(parts.copiesWorkspace !== undefined && { copiesWorkspace: parts.copiesWorkspace }),
    ...(parts.privateFolder !== undefined && { privateFolder: parts.privateFolder }),
  };
}
