import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SHARED_MEMORY = "/dev/shm";

/** Room for the largest temporary folder of a test, and more. */
const MIN_FREE_BYTES = 4 * 1024 ** 3;

/**
 * Returns a folder in memory for temporary files: Linux's shared memory, if it is large enough and allows
 * running programs; otherwise the system's temporary folder, usually on a disk.
 */
export function memoryDirectory(): string {
  try {
    const { bavail, bsize } = statfsSync(SHARED_MEMORY);
    return bavail * bsize >= MIN_FREE_BYTES && runsPrograms(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir();
  } catch {
    return tmpdir();
  }
}

/** Containers often mount it `noexec`. */
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
