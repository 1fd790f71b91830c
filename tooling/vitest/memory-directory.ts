import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SHARED_MEMORY = "/dev/shm";

/** Room for the largest temporary folder of a test, and some. */
const MIN_FREE_BYTES = 4 * 1024 ** 3;

/**
 * Returns a folder in memory for temporary files: Linux's shared memory, where it is large enough and lets programs
 * run; else the folder of the operating system, on a disk as a rule.
 */
export function memoryDirectory(): string {
  try {
    const { bavail, bsize } = statfsSync(SHARED_MEMORY);
    return bavail * bsize >= MIN_FREE_BYTES && runsPrograms(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Containers often mount it without the right to execute. */
function runsPrograms(parent: string): boolean {
  const directory = mkdtempSync(join(parent, "loom-probe-"));
  try {
    const script = join(directory, "probe");
    writeFileSync(script, "#!/bin/sh\n");
    chmodSync(script, 0o700);
    return spawnSync(script).status === 0;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
