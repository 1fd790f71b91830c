import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A directory of its own on the real disk, symbolic links resolved, gone when the test is over. */
export function temporaryDirectory(): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "loom-workspace-")));
  onTestFinished(() => {
    execFileSync("chmod", ["-R", "u+rwX", directory]);
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}
