import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { DiskImage } from "../virtual/virtual-disk.ts";

/**
 * Puts what a simulated run left on a real disk, to be looked at, verified or recovered.
 *
 * @param directory - Absolute path of the run's directory; made when it is not there.
 */
export function writeImage(image: DiskImage, directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const [path, bytes] of image) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  }
}
