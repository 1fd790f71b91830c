import { closeSync, mkdtempSync, openSync, rmdirSync, symlinkSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { processView, type ProcessView } from "@loom/system";

/** Longest path that every system takes for a socket. Unit: bytes. Source: `sun_path` in unix(7), 104 on macOS. */
const MAX_PATH = 103;

/** The folder for temporary files with the shortest name: that of a user of macOS is half as long as a path may be. */
const SHORT_FOLDER = "/tmp";

/**
 * Does something with a path of a socket that the system takes. A longer one goes through an open folder where the
 * system has those as files (Linux), else through a link to it, in a folder of this user's that is removed at once.
 *
 * @param view - How processes, and with them their open files, are looked at. Default: as it can be here.
 * @throws The operating system's error.
 */
export function withSocketPath<T>(
  path: string,
  use: (path: string) => T,
  view: ProcessView = processView(),
): T {
  if (Buffer.byteLength(path) <= MAX_PATH) return use(path);
  return view === "proc" ? throughOpenFolder(path, use) : throughLink(path, use);
}

function throughOpenFolder<T>(path: string, use: (path: string) => T): T {
  const folder = openSync(dirname(path), "r");
  try {
    return use(join("/proc/self/fd", String(folder), basename(path)));
  } finally {
    closeSync(folder);
  }
}

function throughLink<T>(path: string, use: (path: string) => T): T {
  const folder = mkdtempSync(join(SHORT_FOLDER, "loom-"));
  const link = join(folder, "d");
  try {
    symlinkSync(dirname(path), link);
    try {
      return use(join(link, basename(path)));
    } finally {
      unlinkSync(link);
    }
  } finally {
    rmdirSync(folder);
  }
}
