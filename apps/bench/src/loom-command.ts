import { join } from "node:path";
import type { Measured } from "./measure.ts";

/** Absolute path of the built program. */
export const LOOM: string = join(import.meta.dirname, "../../loom/bin/loom.cjs");

/** The built program, called with some words. */
export function loom(cwd: string, ...words: readonly string[]): Measured {
  return { words: [process.execPath, LOOM, ...words], cwd, env: { NODE: process.execPath } };
}
