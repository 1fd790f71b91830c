import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import {
  makeDirectories,
  currentProcess,
  isAbsent,
  placeFile,
  processMarkOf,
  processState,
  replaceFile,
  type ProcessMark,
} from "@loom/system";
import { ownerPath } from "./workspace-place.ts";

/** The note about a workspace: its owner process and state. Stored on disk, hence the snake_case names. */
export interface OwnerNote extends ProcessMark {
  /** `making`: not complete yet. `in_use`: by a running run. `kept`: for inspection. */
  readonly state: "making" | "in_use" | "kept";
  readonly source: string;
  readonly created_at_ms: number;
}

/**
 * How long to trust the note of a run on another machine or in another container, whose process cannot be
 * checked. Unit: milliseconds.
 */
const UNSEEN_MS = 24 * 60 * 60 * 1000;

/** A note that names this process as a workspace's owner. */
export function ownNote(source: string, createdAtMs: number): OwnerNote {
  return { state: "making", source, created_at_ms: createdAtMs, ...currentProcess() };
}

/**
 * Writes a workspace's first note, before its folder is created.
 *
 * @returns Whether there was none; an existing note is left as it is.
 */
export async function takeOwnerNote(root: string, note: OwnerNote): Promise<boolean> {
  const path = ownerPath(root);
  makeDirectories(dirname(path), 0o700);
  return placeFile(path, format(note));
}

/** Replaces a workspace's note atomically. */
export function writeOwnerNote(root: string, note: OwnerNote): void {
  replaceFile(ownerPath(root), format(note));
}

/** A workspace's note; `undefined` if it is missing or unreadable. */
export async function readOwnerNote(root: string): Promise<OwnerNote | undefined> {
  try {
    return ownerNoteOf(JSON.parse(await readFile(ownerPath(root), "utf8")));
  } catch (thrown) {
    if (thrown instanceof SyntaxError || isAbsent(thrown)) return undefined;
    throw thrown;
  }
}

/** Whether the run that made a workspace may still be using it. */
export function isInUse(note: OwnerNote, nowMs: number): boolean {
  if (note.state === "kept") return false;
  const state = processState(note);
  return state === "unknown" ? nowMs - note.created_at_ms < UNSEEN_MS : state === "alive";
}

function format(note: OwnerNote): string {
  return `${JSON.stringify(note)}\n`;
}

function ownerNoteOf(json: unknown): OwnerNote | undefined {
  const mark = processMarkOf(json);
  if (mark === undefined) return undefined;
  const { state, source, created_at_ms } = json as Partial<Record<keyof OwnerNote, unknown>>;
  if (state !== "making" && state !== "in_use" && state !== "kept") return undefined;
  if (typeof source !== "string" || typeof created_at_ms !== "number") return undefined;
  return { state, source, created_at_ms, ...mark };
}
