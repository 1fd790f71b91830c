import { rmdir } from "node:fs/promises";
import { errnoCode } from "@loom/system";

/** Removes a folder if it is empty. */
export async function removeEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (thrown) {
    if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(errnoCode(thrown) ?? "")) throw thrown;
  }
}
