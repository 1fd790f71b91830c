import { randomUUID } from "node:crypto";
import { fstatSync } from "node:fs";
import { guardJson, guardRunnerCommands } from "@loom/reporters";
import type { ProcessIo } from "./process-io.ts";

/** Makes text safe that holds what jobs printed. */
export interface RunnerGuard {
  /** @param text - Whole lines. */
  readonly text: (text: string) => string;
  readonly json: (text: string) => string;
  /** Whether text stays as it is, and need not be made a string for it. */
  readonly isOff: boolean;
}

const NO_RUNNER: RunnerGuard = { text: (text) => text, json: (text) => text, isOff: true };

/**
 * Keeps a runner that reads the output of this program from carrying out what
 * jobs printed. Below GitHub's runner that is its workflow commands; elsewhere,
 * and where the output goes into a file, the text stays as it is.
 */
export function createRunnerGuard({ env }: Pick<ProcessIo, "env">): RunnerGuard {
  if (env["GITHUB_ACTIONS"] !== "true" || isFile(1)) return NO_RUNNER;
  const token = randomUUID();
  return { text: (text) => guardRunnerCommands(text, token), json: guardJson, isOff: false };
}

function isFile(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isFile();
  } catch {
    return false;
  }
}
