import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A directory of its own on the real disk, gone when the test is over. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "loom-diagnosis-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
