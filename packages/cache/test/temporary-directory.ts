import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A directory of its own on the real disk, gone when the test is over, whatever permissions are in it. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "loom-cache-"));
  onTestFinished(() => {
    execFileSync("sh", ["-c", 'chmod -R u+rwx "$1"; rm -rf "$1"', "sh", directory], { stdio: "ignore" });
  });
  return directory;
}
