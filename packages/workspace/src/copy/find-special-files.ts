import { readdir } from "node:fs/promises";
import { joinRaw, pathBytes, rawPathOf, type RawPath } from "../raw-path.ts";
import { forEachLimited } from "./for-each-limited.ts";
import { isAbsent } from "./tree-copy.ts";
import { systemCode } from "../error-of.ts";

/** The devices, sockets and FIFOs directly in these folders, sorted. Folders that are gone or closed have none. */
export async function findSpecialFiles(top: RawPath, folders: Iterable<RawPath>): Promise<RawPath[]> {
  const found: RawPath[] = [];
  await forEachLimited(folders, async (folder) => {
    for (const entry of await list(joinRaw(top, folder))) {
      if (entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice()) {
        found.push(joinRaw(folder, rawPathOf(entry.name)));
      }
    }
  });
  return found.toSorted();
}

async function list(folder: RawPath): Promise<Awaited<ReturnType<typeof readEntries>>> {
  try {
    return await readEntries(folder);
  } catch (thrown) {
    if (isAbsent(thrown) || systemCode(thrown) === "EACCES") return [];
    throw thrown;
  }
}

function readEntries(folder: RawPath) {
  return readdir(pathBytes(folder), { withFileTypes: true, encoding: "buffer" });
}
