import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { RunId } from "@loom/core";
import type { SectionLog } from "@loom/ports";
import {
  cacheHome,
  currentProcess,
  errnoCode,
  makeDirectories,
  placeFile,
  processMarkOf,
  processState,
  removeFile,
  type Environment,
} from "@loom/system";
import { removeTree } from "@loom/workspace";
import { builtInProviders, type Providers } from "../providers/built-in-providers.ts";
import { secretsFolder } from "../secrets/secrets-folder.ts";

/** The folder of one worker. A note beside it says which process has it. */
export interface WorkerHome {
  /** Absolute. */
  readonly folder: string;
  /** Absolute path of a folder for files on their way. */
  readonly transfers: string;
  /** Where a job has what it needs, and what is noted of it. Absolute. @param name - No other job of any worker has it. */
  jobFolder(name: string): string;
  /** The worker has left. */
  remove(): Promise<void>;
}

/** A worker that is gone, and with what its jobs are ended. */
export interface LeftWorker {
  /** The environment that it had, as far as known. */
  readonly env: Environment;
  /** The providers that it may have had. Default: this program's. */
  readonly providers?: Providers;
  /** Number of its process, where it is known. */
  readonly ownerPid?: number;
  /** Whether it was there until now. Default: false. */
  readonly justDied?: boolean;
}

const JOBS = "jobs";
const NOTE = ".json";

/** The folder of all workers of a user on this machine. Absolute. */
export function workersFolder(cacheFolder: string): string {
  return join(cacheFolder, "loom/worker");
}

/** Makes a folder for a worker, which no other one has, not even one of its name. */
export function makeWorkerHome(cacheFolder: string, name: string): WorkerHome {
  const all = workersFolder(cacheFolder);
  const folder = join(all, `${name}-${randomBytes(4).toString("hex")}`);
  makeDirectories(all, 0o700);
  // First: what has a note is of somebody.
  placeFile(folder + NOTE, `${JSON.stringify(currentProcess())}\n`);
  mkdirSync(folder, { mode: 0o700 });
  return {
    folder,
    transfers: join(folder, "transfers"),
    jobFolder: (job) => join(folder, JOBS, job),
    remove: async () => await removeHome(folder),
  };
}

/** What a provider notes of a job in its folder. Absolute. */
export function jobNotesPath(jobFolder: string, provider: string): string {
  return join(jobFolder, `${provider}.notes`);
}

/** Ends what dead workers of this user left on this machine, and removes their folders. Leaves alone whatever may be somebody's. */
export async function endDeadWorkers(cacheFolder: string, left: LeftWorker): Promise<void> {
  const all = workersFolder(cacheFolder);
  for (const name of namesIn(all)) {
    if (!name.endsWith(NOTE)) continue;
    const mark = readMark(join(all, name));
    if (mark === undefined || processState(mark) !== "dead") continue;
    await endLeftWorker(join(all, basename(name, NOTE)), { ...left, ownerPid: mark.pid });
  }
}

/**
 * Ends what the jobs of a worker left that is gone, and removes its folder. Safe to repeat.
 *
 * @param folder - Absolute path of its folder.
 */
export async function endLeftWorker(
  folder: string,
  { env, providers = builtInProviders(), ownerPid, justDied = false }: LeftWorker,
): Promise<void> {
  const { removeLeftSecrets } = await import("@loom/secrets");
  let isEnded = true;
  for (const job of namesIn(join(folder, JOBS))) {
    for (const provider of Object.values(providers)) {
      const notesPath = jobNotesPath(join(folder, JOBS, job), provider.name);
      if (!existsSync(notesPath)) continue;
      const run = {
        runId: job as RunId,
        env,
        notesPath,
        justDied,
        ...(ownerPid !== undefined && { ownerPid }),
      };
      const ended = await provider.endLeftovers(run, SILENT);
      isEnded &&= ended.ok;
    }
    removeLeftSecrets({ env, folder: secretsFolder(cacheHome(env)), owner: job });
  }
  // What still runs is known by its notes alone: the next worker tries again.
  if (isEnded) await removeHome(folder);
}

/** Nobody is there to be told. */
const SILENT: SectionLog = { log: () => undefined };

async function removeHome(folder: string): Promise<void> {
  await removeTree(folder);
  removeFile(folder + NOTE);
}

function readMark(path: string): ReturnType<typeof processMarkOf> {
  try {
    return processMarkOf(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    // Another worker has removed it, or it is no note.
    return undefined;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (errnoCode(cause) === "ENOENT") return [];
    throw cause;
  }
}
