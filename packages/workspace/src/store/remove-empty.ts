import { rmdir } from "node:fs/promises";
import { systemCode } from "../error-of.ts";

/** Removes a folder that is empty. */
export async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (thrown) {
    if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(systemCode(thrown) ?? "")) throw thrown;
  }
}
