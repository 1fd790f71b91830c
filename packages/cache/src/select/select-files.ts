import { displayName } from "../archive/byte-name.ts";
import { selectEntries } from "./select-entries.ts";

/**
 * The regular files that paths and globs match in a folder, in the order of their bytes.
 *
 * @param folder - Absolute.
 * @param paths - Relative to it; what is there as written is taken literally.
 * @returns Paths relative to the folder, with `/`.
 */
export function selectFiles(folder: string, paths: readonly string[]): readonly string[] {
  return [...selectEntries(folder, { paths }).entries]
    .filter(({ kind }) => kind === "file")
    .map(({ name }) => displayName(name));
}
