import { expect, test } from "vitest";
import { wantToken, wantValue } from "./mark.ts";
import { parsePs, showsMark } from "./ps-processes.ts";

const OUTPUT = `  501   501 Ss   /bin/zsh -l HOME=/Users/a TOKEN=hush
  733   733 S    sleep 1000 LOOM_RUN_ID=loom-run-local-1 LOOM_PROCESS_MARK=ab.1,cd.7 PATH=/bin
  734   733 Z    (sleep)
`;

test("parsePs() excludes zombies, and the environment from the command", () => {
  expect(parsePs(OUTPUT).map(({ pid, group, command }) => ({ pid, group, command }))).toEqual([
    { pid: 501, group: 501, command: "/bin/zsh -l" },
    { pid: 733, group: 733, command: "sleep 1000" },
  ]);
});

test("showsMark() requires the whole mark, of a run or of a job", () => {
  const [shell, sleep] = parsePs(OUTPUT);
  if (shell === undefined || sleep === undefined) throw new Error("two processes expected");
  expect([
    showsMark(shell, wantToken("cd")),
    showsMark(sleep, wantToken("cd")),
    showsMark(sleep, wantToken("ab.1")),
    showsMark(sleep, wantToken("cd.77")),
    showsMark(sleep, wantToken("c")),
    showsMark(sleep, wantValue("LOOM_RUN_ID", "loom-run-local-1")),
    showsMark(sleep, wantValue("LOOM_RUN_ID", "loom-run-local-11")),
  ]).toEqual([false, true, true, false, false, true, false]);
});
