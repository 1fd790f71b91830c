import { hashObject } from "./hash-tree.ts";
import { LINK_MODE, type IndexEntry } from "./parse-index-entries.ts";

/**
 * Whether an entry is a symbolic link that `git add --intent-to-add` noted: it leads nowhere yet, and no system makes such a
 * link, so git cannot check it out.
 */
export function isIntendedLink({ mode, sha }: IndexEntry, objectFormat: string): boolean {
  return mode === LINK_MODE && sha === hashObject("blob", Buffer.alloc(0), objectFormat);
}
