import { parsePs } from "@loom/system";
import { expect, test } from "vitest";
import { psHere, psLineage, psRunningOf, psTable, showsMark } from "./find-by-ps.ts";
import { wantToken, wantValue } from "./mark.ts";

// As ps(1) of macOS would show it, written from its manual and from memory: its own programs show no environment.
const OUTPUT = `    1     0     1      0 Ss   Sat Nov  1 08:00:07 2025     /sbin/launchd
  501     1   501    900 Ss   Sun Nov 30 02:28:00 2025     /bin/zsh -l
  700   501   700    900 S    Sun Nov 30 02:28:01 2025     node loom run LOOM_PROCESS_MARK=ab.1 HOME=/Users/a
  733   700   733      0 Ss   Sun Nov 30 02:28:02 2025     node serve.js LOOM_RUN_ID=r-1 LOOM_PROCESS_MARK=ab.1,cd.7 TOKEN=hush
  734   733   734      0 Ss   Sun Nov 30 02:28:03 2025     sleep 1000
  735   733   733      0 Z    Sun Nov 30 02:28:04 2025     (sh)
`;
const table = psTable(parsePs(OUTPUT));

function textOf(pid: number): { readonly text: string } {
  return { text: table.get(pid)?.text ?? "" };
}

test("showsMark() requires the whole mark, of a run or of a job", () => {
  expect([
    showsMark(textOf(501), wantToken("cd")),
    showsMark(textOf(733), wantToken("cd")),
    showsMark(textOf(733), wantToken("ab.1")),
    showsMark(textOf(733), wantToken("cd.77")),
    showsMark(textOf(733), wantToken("c")),
    showsMark(textOf(733), wantValue("LOOM_RUN_ID", "r-1")),
    showsMark(textOf(733), wantValue("LOOM_RUN_ID", "r-11")),
  ]).toEqual([false, true, true, false, false, true, false]);
});

test("psLineage() goes up to the first process", () => {
  expect(psLineage(table, 733)).toEqual(new Set([1, 733, 700, 501]));
});

test("psRunningOf() has all descendants, with no values of their environments", () => {
  expect(psRunningOf(table, [733])).toEqual([
    { pid: 733, group: 733, startTime: "", command: "node serve.js" },
    { pid: 734, group: 734, startTime: "", command: "sleep 1000" },
  ]);
});

test("psHere() is there only where processes are not read from /proc", () => {
  expect(psHere("proc")).toBeUndefined();
  expect(psHere("ps")).toBeDefined();
});
