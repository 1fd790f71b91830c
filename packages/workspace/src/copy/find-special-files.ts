import { readdir } from "node:fs/promises";
import { errnoCode, isAbsent } from "@loom/system";
import { joinRaw, pathBytes, rawPath, rawPathOf, type RawPath } from "../raw-path.ts";
import { forEachLimited } from "./for-each-limited.ts";

/**
 * The devices, sockets and FIFOs directly in the given folders, sorted.
 *
 * Descends from the top, so that it never follows a link that has replaced a folder. Missing or unreadable
 * folders count as empty.
 *
 * @param folders - Relative to `top`, including the parents of each.
 */
export async function findSpecialFiles(top: RawPath, folders: ReadonlySet<RawPath>): Promise<RawPath[]> {
  const found: RawPath[] = [];
  for (let level: RawPath[] = [rawPath("")]; level.length > 0;) {
    const below: RawPath[] = [];
    await forEachLimited(level, async (folder) => {
      for (const entry of await list(joinRaw(top, folder))) {
        const path = joinRaw(folder, rawPathOf(entry.name));
        if (entry.isDirectory() && folders.has(path)) below.push(path);
        const special =
          entry.isFIFO() || entry.isSocket() || entry.isCharacterDevice() || entry.isBlockDevice();
        if (special) found.push(path);
      }
    });
    level = below;
  }
  return found.toSorted();
}

async function list(folder: RawPath): Promise<Awaited<ReturnType<typeof readEntries>>> {
  try {
    return await readEntries(folder);
  } catch (thrown) {
    if (isAbsent(thrown) || errnoCode(thrown) === "EACCES") return [];
    throw thrown;
  }
}

function readEntries(folder: RawPath) {
  return readdir(pathBytes(folder), { withFileTypes: true, encoding: "buffer" });
}
