import { statfs } from "node:fs/promises";
import { runtimeDirectory } from "@loom/artifacts";
import { formatBytes } from "@loom/system";
import type { DoctorPlace } from "./doctor-place.ts";
import { existingFolder } from "./existing-folder.ts";
import type { DoctorFinding } from "./doctor-finding.ts";

/** Less free space than this is a warning. Bytes. */
const LITTLE_SPACE = 1_000_000_000;

/** Fewer free inodes than this, of all, are a warning. */
const FEW_INODES = 0.01;

/** How much room there is where evidence goes, and where caches and snapshots do. */
export async function checkDisk({ projectRoot, cacheHome }: DoctorPlace): Promise<readonly DoctorFinding[]> {
  return await Promise.all([
    roomAt(runtimeDirectory(projectRoot), {
      subject: "evidence",
      advice: "Make room on that disk; loom clean --runs --keep 20 removes evidence of older runs",
    }),
    roomAt(cacheHome, {
      subject: "caches",
      advice:
        "Make room on that disk: loom clean removes snapshots, loom cache prune caches; or set XDG_CACHE_HOME to a folder on another one",
    }),
  ]);
}

async function roomAt(
  path: string,
  { subject, advice }: { readonly subject: string; readonly advice: string },
): Promise<DoctorFinding> {
  const folder = existingFolder(path);
  const { bavail, bsize, files, ffree } = await statfs(folder);
  const free = bavail * bsize;
  // Some file systems have no fixed number of inodes, and report none.
  const share = files === 0 ? 1 : ffree / files;
  const inodes = files === 0 ? "" : ` and ${(share * 100).toFixed(share < 0.1 ? 1 : 0)} % of the inodes`;
  const found = `${formatBytes(free)}${inodes} are free at "${folder}"`;
  return free < LITTLE_SPACE || share < FEW_INODES
    ? { state: "warning", subject, found, advice }
    : { state: "ok", subject, found };
}
