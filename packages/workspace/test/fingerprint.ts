import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Everything observable about a folder, by path, including `.git` and change times. Even a short-lived lock
 * file shows, as a changed folder.
 */
export function fingerprint(root: string): Record<string, string> {
  const entries: Record<string, string> = {};
  add(entries, Buffer.from(root).toString("latin1"), "");
  return entries;
}

/** `root` and `below` have one character per byte. */
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
