import { spawn } from "node:child_process";
import { once } from "node:events";
import { parsePs } from "@loom/system";
import { describe, expect, test } from "vitest";
import { psTable } from "./find-by-ps.ts";
import { findStrayByPs } from "./find-stray-by-ps.ts";
import { wantToken } from "./mark.ts";
import type { SeenNotes } from "./run-notes.ts";

// As ps(1) of macOS would show it, written from its manual and from memory.
const table = psTable(
  parsePs(`    1     0     1      0 Ss   Sat Nov  1 08:00:07 2025     /sbin/launchd
  801     1   800      0 S    Sun Nov 30 02:28:01 2025     sleep 1
  810     1   810      0 Ss   Sun Nov 30 02:28:02 2025     sleep 2
  811   810   811      0 S    Sun Nov 30 02:28:03 2025     sleep 3
  820     1   820      0 Ss   Sun Nov 30 02:28:04 2025     node a.js LOOM_PROCESS_MARK=cd.1
  830     1   830      0 Ss   Sun Nov 30 02:28:05 2025     sleep 4
`),
);

function start(pid: number): { readonly pid: number; readonly startTime: string } {
  return { pid, startTime: table.get(pid)?.startTime ?? "" };
}

function found(notes: Partial<SeenNotes> | undefined, justDied = false): number[] {
  const whole =
    notes === undefined ? undefined : { token: "cd", sameBoot: true, leaders: [], members: [], ...notes };
  return findStrayByPs(table, { mark: wantToken("cd"), notes: whole, justDied }).map(({ pid }) => pid);
}

describe("findStrayByPs()", () => {
  test("finds what shows the mark, without any notes", () => {
    expect(found(undefined)).toEqual([820]);
  });

  test("finds what was noted, with its descendants, unless another process has its number now", () => {
    expect(found({ members: [start(810)] })).toEqual([810, 811, 820]);
    expect(found({ members: [{ pid: 810, startTime: "7" }] })).toEqual([820]);
    expect(found({ members: [{ pid: 810, startTime: "" }] })).toEqual([820]);
  });

  test("finds the group of a shell that is still there, or of which a noted member is", () => {
    expect(found({ leaders: [start(830)] })).toEqual([830, 820]);
    expect(found({ leaders: [{ pid: 800, startTime: "5" }], members: [start(801)] })).toEqual([801, 820]);
    expect(found({ leaders: [{ pid: 800, startTime: "5" }] })).toEqual([820]);
  });

  test("right after the death of its loom a shell counts that was not looked at, or that has ended", () => {
    const leaders = [
      { pid: 800, startTime: "5" },
      { pid: 830, startTime: "" },
    ];
    expect(new Set(found({ leaders, sameBoot: false }, true))).toEqual(new Set([801, 820, 830]));
    expect(found({ leaders })).toEqual([820]);
  });

  test("notes of another start of the machine mean nothing", () => {
    expect(found({ members: [start(810)], sameBoot: false })).toEqual([820]);
  });

  test("where ps cannot be run, right after the death of its loom the groups that are there count", async () => {
    const child = spawn("sleep", ["300"], { detached: true, stdio: "ignore" });
    const leaders = [
      { pid: child.pid ?? 0, startTime: "" },
      { pid: 2 ** 22 + 1, startTime: "" },
    ];
    const notes = { token: "cd", sameBoot: false, leaders, members: [] };
    const known = { mark: wantToken("cd"), notes };
    const groups = findStrayByPs(new Map(), { ...known, justDied: true });
    expect(groups.map(({ pid }) => pid)).toEqual([-(child.pid ?? 0)]);
    expect(findStrayByPs(new Map(), { ...known, justDied: false })).toEqual([]);
    child.kill("SIGKILL");
    await once(child, "exit");
  });
});
