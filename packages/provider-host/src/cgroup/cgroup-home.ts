import { readFileSync } from "node:fs";
import { join } from "node:path";
import { processView, type ProcessView } from "@loom/system";

/**
 * The folder of this program's control group (version 2), in which others can be created; `undefined` if the
 * system has none.
 */
export function findCgroupHome(view: ProcessView = processView()): string | undefined {
  if (view !== "proc") return undefined;
  try {
    return cgroupHome(
      readFileSync("/proc/self/cgroup", "utf8"),
      readFileSync("/proc/self/mountinfo", "utf8"),
    );
  } catch {
    return undefined;
  }
}

/**
 * Finds the folder in the kernel's files.
 *
 * @param groups - `/proc/self/cgroup`.
 * @param mounts - `/proc/self/mountinfo`.
 */
export function cgroupHome(groups: string, mounts: string): string | undefined {
  const path = groups.match(/^0::(\/.*)$/m)?.[1];
  // A group outside this mount is shown as `/..`.
  if (path === undefined || path.split("/").includes("..")) return undefined;
  for (const line of mounts.split("\n")) {
    const [mount = "", source] = line.split(" - ");
    if (source?.startsWith("cgroup2 ") !== true) continue;
    const [root = "", point = ""] = mount.split(" ").slice(3, 5).map(unescapeMount);
    if (root === "/") return join(point, path);
    if (path === root || path.startsWith(`${root}/`)) return join(point, path.slice(root.length));
  }
  return undefined;
}

/** Blanks are written there as octal escapes. */
function unescapeMount(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
