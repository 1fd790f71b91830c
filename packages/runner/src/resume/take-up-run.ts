import { claimRun } from "@loom/artifacts";
import { err, ok, type GraphIr, type Result } from "@loom/core";
import type { InterruptedRun, RecoveryError } from "@loom/recovery";
import type { StartError } from "../start-error.ts";
import { loadPart } from "../workflow/load-part.ts";
import type { RunnableWorkflow } from "../workflow/kept-workflows.ts";

/** A run that is taken up, and is this process's from now on. */
export interface TakenUpRun {
  readonly interrupted: InterruptedRun;
  readonly claim: ReturnType<typeof claimRun> & { readonly ok: true };
}

/**
 * Takes a run whose process is gone for this one.
 *
 * @param directory - Absolute path of its evidence.
 * @param options - What is set for the run alone now: the same names as then, as their values are not recorded. And what
 *   workers are reached over, if the run had any.
 * @returns `RESUME_REFUSED` when it is not such a run.
 */
export async function takeUpRun(
  directory: string,
  {
    variables = {},
    remote,
  }: {
    readonly variables?: Readonly<Record<string, string>> | undefined;
    readonly remote?: object | undefined;
  },
): Promise<Result<TakenUpRun, StartError>> {
  const loaded = await loadPart("takes up runs", async () => import("@loom/recovery"));
  if (!loaded.ok) return refused(loaded.error.message);
  // Without it two could take it up at the same time.
  const claim = claimRun(directory);
  if (!claim.ok) return refused(claim.error.message);
  const read: Result<InterruptedRun, RecoveryError> = await loaded.value.readInterruptedRun(directory);
  const refusal = read.ok
    ? (missingEngine(read.value, remote) ?? differenceOf(read.value.variables, variables))
    : read.error.message;
  if (read.ok && refusal === undefined) return ok({ interrupted: read.value, claim });
  // Another one may close it.
  claim.value.release();
  return refused(refusal ?? "");
}

function missingEngine({ isRemote }: InterruptedRun, remote: object | undefined): string | undefined {
  if (!isRemote || remote !== undefined) return undefined;
  return "The run had workers for its jobs: name the engine that brings jobs to them again";
}

function refused(message: string): Result<never, StartError> {
  return err({ code: "RESUME_REFUSED", message });
}

function differenceOf(
  recorded: readonly string[],
  given: Readonly<Record<string, string>>,
): string | undefined {
  const missing = recorded.filter((name) => !Object.hasOwn(given, name));
  if (missing.length > 0)
    return `The run was started with --var ${missing.join(", ")}, and values are not recorded: give the same again`;
  const others = Object.keys(given).filter((name) => !recorded.includes(name));
  return others.length === 0
    ? undefined
    : `The run was started without --var ${others.join(", ")}: leave it out`;
}

/** The workflow of a run as it was decided then: rules and conditions are not asked again. */
export function decidedWorkflow(graph: GraphIr): RunnableWorkflow {
  const nodes = graph.nodes.map(({ rules: _rules, step_options: options, ...node }) => ({
    ...node,
    ...(options !== undefined && { step_options: options.map(({ if: _if, ...step }) => step) }),
  }));
  return { graph: { ...graph, nodes }, variables: {}, warnings: [] };
}
