import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { errnoCode, isAbsent } from "@loom/system";
import { processStart } from "./process-start.ts";
import { ownerPath } from "./workspace-place.ts";

/** What is noted of a workspace. On disk, hence the names. */
export interface OwnerNote {
  /** `making`: not complete yet. `in_use`: of a run that goes on. `kept`: for inspection. */
  readonly state: "making" | "in_use" | "kept";
  readonly source: string;
  readonly created_at_ms: number;
  readonly host: string;
  readonly pid: number;
  /** When that process was started; empty where the system does not say. */
  readonly process_start: string;
}

/** A run on another machine that shares the cache cannot be asked; it is believed this long. Unit: milliseconds. */
const FOREIGN_MS = 24 * 60 * 60 * 1000;

/** A note that says that this process owns a workspace. */
export async function ownNote(source: string, createdAtMs: number): Promise<OwnerNote> {
  const start = await processStart(process.pid);
  return {
    state: "making",
    source,
    created_at_ms: createdAtMs,
    host: hostname(),
    pid: process.pid,
    process_start: start ?? "",
  };
}

/**
 * Writes the first note of a workspace, before there is anything of it.
 *
 * @returns Whether there was none; another one stays as it is.
 */
export async function takeOwnerNote(root: string, note: OwnerNote): Promise<boolean> {
  const path = ownerPath(root);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = await writeDraft(path, note);
  try {
    await link(draft, path);
    return true;
  } catch (thrown) {
    if (errnoCode(thrown) === "EEXIST") return false;
    throw thrown;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Replaces the note of a workspace, whole or not at all. */
export async function writeOwnerNote(root: string, note: OwnerNote): Promise<void> {
  const path = ownerPath(root);
  await rename(await writeDraft(path, note), path);
}

/** The note of a workspace; `undefined` when there is none, or none that can be read. */
export async function readOwnerNote(root: string): Promise<OwnerNote | undefined> {
  try {
    const note: unknown = JSON.parse(await readFile(ownerPath(root), "utf8"));
    return isOwnerNote(note) ? note : undefined;
  } catch (thrown) {
    if (thrown instanceof SyntaxError || isAbsent(thrown)) return undefined;
    throw thrown;
  }
}

/** Whether the run that made a workspace may still work in it. */
export async function isInUse(note: OwnerNote, nowMs: number): Promise<boolean> {
  if (note.state === "kept") return false;
  if (note.host !== hostname()) return nowMs - note.created_at_ms < FOREIGN_MS;
  const start = await processStart(note.pid);
  return start !== undefined && (note.process_start === "" || start === note.process_start);
}

async function writeDraft(path: string, note: OwnerNote): Promise<string> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(note)}\n`, { mode: 0o600 });
  return draft;
}

function isOwnerNote(value: unknown): value is OwnerNote {
  if (typeof value !== "object" || value === null) return false;
  const note = value as Partial<Record<keyof OwnerNote, unknown>>;
  return (
    ["making", "in_use", "kept"].includes(note.state as string) &&
    typeof note.created_at_ms === "number" &&
    typeof note.host === "string" &&
    typeof note.pid === "number" &&
    typeof note.process_start === "string"
  );
}
