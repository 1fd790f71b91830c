import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Everything that can be seen of a folder from outside, by path: `.git` too,
 * times of change too. A lock file that came and went shows as a changed folder.
 */
export function fingerprint(root: string): Record<string, string> {
  const entries: Record<string, string> = {};
  add(entries, Buffer.from(root).toString("latin1"), "");
  return entries;
}

/** `root` and `below` have one character for each byte. */
function add(entries: Record<string, string>, root: string, below: string): void {
  const path = Buffer.from(`${root}/${below}`, "latin1");
  const stats = lstatSync(path, { bigint: true });
  const facts = [stats.mode, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(" ");
  entries[below] = stats.isFile()
    ? `${facts} ${createHash("sha1").update(readFileSync(path)).digest("hex")}`
    : stats.isSymbolicLink()
      ? `${facts} ${readlinkSync(path)}`
      : facts;
  if (!stats.isDirectory()) return;
  for (const name of readdirSync(path, { encoding: "buffer" })) {
    add(entries, root, `${below === "" ? "" : `${below}/`}${name.toString("latin1")}`);
  }
}
