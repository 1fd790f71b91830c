import { expect, test } from "vitest";
import { parsePs, showsMarks } from "./ps-processes.ts";

const OUTPUT = `  501   501 Ss   /bin/zsh -l HOME=/Users/a TOKEN=hush
  733   733 S    sleep 1000 LOOM_RUN_ID=loom-run-local-1 LOOM_JOB_ID=build PATH=/bin
  734   733 Z    (sleep)
`;

test("parsePs() keeps zombies out, and the environment out of the command", () => {
  expect(parsePs(OUTPUT).map(({ pid, group, command }) => ({ pid, group, command }))).toEqual([
    { pid: 501, group: 501, command: "/bin/zsh -l" },
    { pid: 733, group: 733, command: "sleep 1000" },
  ]);
});

test("showsMarks() wants every mark, whole", () => {
  const [shell, sleep] = parsePs(OUTPUT);
  if (shell === undefined || sleep === undefined) throw new Error("two processes expected");
  expect([
    showsMarks(shell, ["LOOM_RUN_ID=loom-run-local-1"]),
    showsMarks(sleep, ["LOOM_RUN_ID=loom-run-local-1", "LOOM_JOB_ID=build"]),
    showsMarks(sleep, ["LOOM_RUN_ID=loom-run-local-1", "LOOM_JOB_ID=bui"]),
  ]).toEqual([false, true, false]);
});
