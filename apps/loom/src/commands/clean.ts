import { ownedRuns, removeRuns, type OwnedRun, type RemovedRuns } from "@loom/artifacts";
import { epochMs, type EventError } from "@loom/core";
import type { RemovedEngineLeftovers, RemoveEngineLeftoversOptions } from "@loom/provider-docker";
import { endLeftovers } from "@loom/runner/dead-runs";
import { cacheHome, formatBytes } from "@loom/system";
import { removeWorkspaces, type ClearedWorkspaces } from "@loom/workspace";
import { EXIT_CODE } from "../exit-code.ts";
import { formatJson, printable } from "../printable.ts";
import { projectAt } from "../project-at.ts";
import type { ProcessIo } from "../process-io.ts";

/** The flags of `loom clean`. */
export interface CleanFlags {
  /** Removes the snapshots of all repositories. */
  readonly all?: boolean;
  /** Removes evidence; snapshots only with `all`. */
  readonly runs?: boolean;
  /** How many runs stay, the newest. */
  readonly keep?: number;
  /** Only what is older. Milliseconds. */
  readonly older?: number;
  readonly json?: boolean;
}

/**
 * Removes snapshots and what runs left in the container engine, or the evidence of runs that are over.
 *
 * @returns 0, even when there was nothing to remove; 1 when something could not be; 2 for flags that do not go together.
 */
export async function cleanCommand(flags: CleanFlags, io: ProcessIo): Promise<number> {
  const { stdout, stderr } = io;
  const selecting = flags.keep === undefined ? (flags.older === undefined ? undefined : "--older") : "--keep";
  if (selecting !== undefined && flags.runs !== true) {
    stderr.write(`loom: Cannot use ${selecting} without --runs: it selects runs\n`);
    return EXIT_CODE.usage;
  }
  const root = projectAt(io.cwd);
  const failed: EventError[] = [];
  const runs = flags.runs === true ? await cleanRuns(root, flags, { ...io, failed }) : undefined;
  const workspaces =
    flags.runs !== true || flags.all === true
      ? await cleanWorkspaces(flags.all === true ? undefined : root, { ...io, failed })
      : undefined;
  const engine =
    workspaces === undefined
      ? undefined
      : await cleanEngine(flags.all === true ? undefined : root, { ...io, failed });
  const cleaned = { runs, workspaces, engine, failed };
  if (flags.json === true) stdout.write(formatJson(asData(cleaned)));
  else
    stdout.write(
      printable(
        [...runLines(runs), ...workspaceLines(workspaces), ...engineLines(engine)].map(withNewline).join(""),
      ),
    );
  for (const { message } of failed) stderr.write(`loom: ${message}\n`);
  return failed.length === 0 ? EXIT_CODE.success : EXIT_CODE.failure;
}

type Cleaning = ProcessIo & { readonly failed: EventError[] };

async function cleanRuns(
  root: string,
  { keep, older }: CleanFlags,
  { env, failed }: Cleaning,
): Promise<RemovedRuns | undefined> {
  const removed = await removeRuns(root, {
    nowMs: epochMs(Date.now()),
    ...(keep !== undefined && { keep }),
    ...(older !== undefined && { olderThanMs: older }),
    endLeftovers: ({ directory, ownerPid }) => endLeftovers(directory, { ownerPid, env }),
  });
  if (!removed.ok) {
    failed.push(removed.error);
    return undefined;
  }
  failed.push(...removed.value.failed);
  return removed.value;
}

async function cleanWorkspaces(
  projectFolder: string | undefined,
  { env, failed }: Cleaning,
): Promise<ClearedWorkspaces | undefined> {
  const removed = await removeWorkspaces({
    cacheHome: cacheHome(env),
    env,
    nowMs: epochMs(Date.now()),
    ...(projectFolder !== undefined && { projectFolder }),
  });
  if (!removed.ok) {
    failed.push(removed.error);
    return undefined;
  }
  failed.push(...removed.value.failed);
  return removed.value;
}

/** Codes that mean that no engine was asked. */
const WITHOUT_ENGINE: ReadonlySet<string> = new Set(["engine_unreachable", "provider_unavailable"]);

/** Removes what runs left in the container engine. Without an engine, or the part of Loom that talks to one, there is nothing. */
async function cleanEngine(
  project: string | undefined,
  { env, failed }: Cleaning,
): Promise<RemovedEngineLeftovers | undefined> {
  const { removeEngineLeftovers } = await import("@loom/provider-docker");
  const owned = new Map<string, readonly OwnedRun[]>();
  const isOver: RemoveEngineLeftoversOptions["isOver"] = ({ project: of, runId }) => {
    const runs = owned.get(of) ?? ownedRuns(of);
    owned.set(of, runs);
    return !runs.some((run) => run.owner !== "dead" && (runId === undefined || run.runId === runId));
  };
  const removed = await removeEngineLeftovers(env, { project, isOver });
  if (removed.ok) return removed.value;
  if (!WITHOUT_ENGINE.has(removed.error.code)) failed.push(removed.error);
  return undefined;
}

interface Cleaned {
  readonly runs: RemovedRuns | undefined;
  readonly workspaces: ClearedWorkspaces | undefined;
  readonly engine: RemovedEngineLeftovers | undefined;
  readonly failed: readonly EventError[];
}

function asData({ runs, workspaces, engine, failed }: Cleaned): object {
  return {
    schema_version: "v1",
    kind: "loom-clean",
    ...(runs !== undefined && {
      runs: {
        removed: runs.runs,
        in_use: runs.inUse.map(({ runId, owner }) => ({ run_id: runId, owner })),
        freed_bytes: runs.runBytes,
      },
      check_receipts: { removed: runs.checks, freed_bytes: runs.checkBytes },
    }),
    ...(workspaces !== undefined && {
      snapshots: {
        removed: workspaces.removed,
        in_use: workspaces.inUse,
        freed_bytes: workspaces.freedBytes,
      },
    }),
    ...(engine !== undefined && { engine }),
    failed: failed.map(({ code, message }) => ({ code, message })),
  };
}

const WHY_IT_STAYS = {
  alive: "it is still running",
  unknown: "loom cannot tell whether it is still running; loom recover closes it",
} as const;

function runLines(removed: RemovedRuns | undefined): readonly string[] {
  if (removed === undefined) return [];
  const { runs, runBytes, checks, checkBytes, inUse } = removed;
  return [
    removedLine(counted(runs.length, "run"), runBytes),
    removedLine(counted(checks.length, "receipt", " of loom check"), checkBytes),
    ...inUse.map(({ runId, owner }) => `kept     ${runId}: ${WHY_IT_STAYS[owner]}`),
  ];
}

function workspaceLines(removed: ClearedWorkspaces | undefined): readonly string[] {
  if (removed === undefined) return [];
  return [
    removedLine(counted(removed.removed.length, "snapshot"), removed.freedBytes),
    ...removed.inUse.map((path) => `kept     ${path}: a run works in it`),
  ];
}

/** Nothing where nothing was: most projects have no containers. */
function engineLines(removed: RemovedEngineLeftovers | undefined): readonly string[] {
  if (removed === undefined) return [];
  const { containers, volumes, networks, images } = removed;
  const parts = Object.entries({ container: containers, volume: volumes, network: networks, image: images })
    .filter(([, count]) => count > 0)
    .map(([noun, count]) => counted(count, noun));
  return parts.length === 0 ? [] : [`removed  ${parts.join(", ")} of the container engine`];
}

function removedLine(what: string, bytes: number): string {
  return `removed  ${what}, ${formatBytes(bytes)} free`;
}

function counted(count: number, noun: string, of = ""): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}${of}`;
}

function withNewline(line: string): string {
  return `${line}\n`;
}
