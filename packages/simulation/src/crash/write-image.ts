import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DiskImage } from "../virtual/virtual-disk.ts";

/**
 * Writes what a simulated run left to a real disk, to be inspected, verified or recovered.
 *
 * @param directory - Absolute path of the run's directory; created if missing.
 */
export function writeImage(image: DiskImage, directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const [path, bytes] of image) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  }
}
