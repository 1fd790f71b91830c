import { spawn } from "node:child_process";
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownedRuns, receiptPath } from "@loom/artifacts";
import { err, ok, type Result } from "@loom/core";
import { systemErrorReason, type Environment } from "@loom/system";
import type { Refusal } from "../answer/answer.ts";

/** A run in a process of its own. */
export interface BackgroundRun {
  readonly runId: string;
  /** Absolute path at which its receipt will be. */
  readonly receiptPath: string;
}

/** Where it runs. */
export interface BackgroundPlace {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Environment>;
  /** The project whose runs it will be among. Absolute. */
  readonly repoRoot: string;
}

/** How often it is looked whether the run is there. Unit: milliseconds. */
const POLL_MS = 10;

/**
 * Starts `loom run` in a process of its own, which outlives this one, and waits until its run is there.
 *
 * @param command - The program and its arguments.
 * @returns What the program said when it ended without a run.
 */
export async function startInBackground(
  [program, ...args]: readonly [string, ...string[]],
  { cwd, env, repoRoot }: BackgroundPlace,
): Promise<Result<BackgroundRun, Refusal>> {
  const folder = mkdtempSync(join(tmpdir(), "loom-background-"));
  const said = openSync(join(folder, "said"), "w+");
  // The file lives as long as somebody has it open: nobody has to remove it when both processes are gone.
  rmSync(folder, { recursive: true });
  // A pipe would break when this process ends.
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", said, said] });
  let end: { readonly said: string } | undefined;
  child.on("error", (error) => (end ??= { said: systemErrorReason(error) }));
  child.once("exit", () => (end ??= { said: lastOf(said) }));
  child.unref();
  try {
    for (;;) {
      // Looked at first: a run that ends in between is among those that are over.
      const ended = end;
      const owned = ownedRuns(repoRoot).find(({ ownerPid }) => ownerPid === child.pid);
      if (owned !== undefined) return ok(runOf(repoRoot, owned.runId));
      if (ended !== undefined) {
        // It names its receipt last.
        const over = /\b(loom-run-local-\d+)\.json\s*$/u.exec(ended.said)?.[1];
        return over === undefined ? err({ message: refusalIn(ended.said) }) : ok(runOf(repoRoot, over));
      }
      await new Promise((resolve) => void setTimeout(resolve, POLL_MS));
    }
  } finally {
    end ??= { said: "" };
    closeSync(said);
  }
}

function runOf(repoRoot: string, runId: string): BackgroundRun {
  return { runId, receiptPath: receiptPath(repoRoot, runId) };
}

function refusalIn(said: string): string {
  const text = said.trim().replace(/^loom: /u, "");
  return text === "" ? "Cannot start the run: the program ended and said nothing. Try it as loom run" : text;
}

/** More says neither why there is no run nor where its receipt is. Unit: bytes. */
const SAID_BYTES = 16 * 1024;

function lastOf(file: number): string {
  const { size } = fstatSync(file);
  const length = Math.min(size, SAID_BYTES);
  const bytes = Buffer.alloc(length);
  const read = readSync(file, bytes, 0, length, size - length);
  return bytes.toString("utf8", 0, read);
}
