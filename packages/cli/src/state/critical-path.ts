import type { JobId } from "@loom/core";
import type { GraphLinks } from "./graph-links.ts";

/** The longest way through the needs, from its first job to its last. */
export function criticalPath(links: GraphLinks, weight: (jobId: JobId) => number): JobId[] {
  const lengths = new Map<JobId, number>();
  const before = new Map<JobId, JobId | undefined>();
  for (const id of links.columns.flat()) {
    let longest = 0;
    let via: JobId | undefined;
    for (const need of links.needs.get(id) ?? []) {
      const length = lengths.get(need) ?? 0;
      if (length > longest) {
        longest = length;
        via = need;
      }
    }
    lengths.set(id, longest + weight(id));
    before.set(id, via);
  }
  let last: JobId | undefined;
  for (const [id, length] of lengths) if (last === undefined || length > (lengths.get(last) ?? 0)) last = id;
  const path: JobId[] = [];
  for (let id = last; id !== undefined; id = before.get(id)) path.unshift(id);
  return path;
}
