import type { DiskImage } from "../virtual/virtual-disk.ts";

/** The `seq` of every complete record in the streams of a run's directory. */
export function recordedSeqs(image: DiskImage): ReadonlySet<number> {
  const found = new Set<number>();
  for (const [path, bytes] of image) {
    if (!path.endsWith("events.jsonl")) continue;
    for (const line of Buffer.from(bytes).toString("utf8").split("\n").slice(0, -1))
      found.add(Number(/^\{"seq":(\d+)/.exec(line)?.[1]));
  }
  return found;
}
