import { closeSync, openSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Longest path that every system takes for a socket. Unit: bytes. Source: `sun_path` in unix(7), 104 on macOS. */
const MAX_PATH = 103;

/**
 * Does something with a path of a socket that the system takes: a longer one
 * goes through an open folder, where the system has those as files (Linux).
 *
 * @throws The operating system's error; one with the code `ENAMETOOLONG` elsewhere.
 */
export function withSocketPath<T>(path: string, use: (path: string) => T): T {
  if (Buffer.byteLength(path) <= MAX_PATH) return use(path);
  if (process.platform !== "linux")
    throw Object.assign(new Error(`ENAMETOOLONG: ${path}`), { code: "ENAMETOOLONG" });
  const folder = openSync(dirname(path), "r");
  try {
    return use(join("/proc/self/fd", String(folder), basename(path)));
  } finally {
    closeSync(folder);
  }
}
