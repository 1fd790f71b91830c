import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";

/** Milliseconds between two looks at what was killed. */
const LOOK_MS = 5;

/** What a process says when it is gone, or belongs to somebody else. */
const NOT_OURS = new Set(["ENOENT", "ESRCH", "EACCES", "EPERM"]);

/**
 * Kills the processes whose environment has an entry, and waits until none is left.
 *
 * @returns The number of each and what it ran, in the order in which they were found.
 */
export async function endMarked(entry, { isPrefix }) {
  const ended = new Map();
  for (;;) {
    const found = markedProcesses(entry, isPrefix);
    if (found.length === 0) return [...ended].map(([pid, command]) => ({ pid, command }));
    for (const { pid, command } of found) {
      ended.set(pid, command);
      ignoring(() => process.kill(pid, "SIGKILL"));
    }
    await wait(LOOK_MS);
  }
}

function markedProcesses(entry, isPrefix) {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      // Of a process that has ended and is not yet waited for, it is empty.
      const environment = ignoring(() => readFileSync(`/proc/${name}/environ`, "utf8")) ?? "";
      const isMarked = environment
        .split("\0")
        .some((each) => (isPrefix ? each.startsWith(entry) : each === entry));
      if (!isMarked) return [];
      const command = ignoring(() => readFileSync(`/proc/${name}/cmdline`, "utf8")) ?? "";
      return [{ pid: Number(name), command: command.split("\0").join(" ").trim() }];
    });
}

function ignoring(act) {
  try {
    return act();
  } catch (thrown) {
    if (NOT_OURS.has(thrown.code)) return undefined;
    throw thrown;
  }
}
