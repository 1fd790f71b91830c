import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { endProcesses } from "./end-processes.ts";
import { seeProcess, type RunningProcess } from "./running-process.ts";

test.runIf(process.platform === "linux")(
  "endProcesses() ends a process that left its group after it was seen",
  async () => {
    const child = spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
    const exited = once(child, "exit");
    const seen = seeProcess(child.pid ?? 0);
    if (seen === undefined) throw new Error("the process should run");
    const staleGroup = 2 ** 22 + 1;
    const looks: RunningProcess[][] = [[{ ...seen, group: staleGroup }]];
    const result = await endProcesses(() => Promise.resolve(looks.shift() ?? []), {
      groups: new Set([staleGroup]),
    });
    expect({ ended: result.ended.map(({ pid }) => pid), left: result.left }).toEqual({
      ended: [child.pid],
      left: [],
    });
    expect(await exited).toEqual([null, "SIGTERM"]);
  },
);

test("endProcesses() with looksAgain spares a process that is no longer found before SIGKILL, as its number was reused", async () => {
  const child = spawn("sh", ["-c", "trap '' TERM; echo up; read -r _"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const exited = once(child, "exit");
  await once(child.stdout, "data");
  const seen = { pid: child.pid ?? 0, group: 0, startTime: "", command: "sh" };
  const looks: RunningProcess[][] = [[seen]];
  const find = async (): Promise<RunningProcess[]> => looks.shift() ?? [];
  const result = await endProcesses(find, { looksAgain: true }, { graceMs: 20 });
  expect(result).toEqual({ ended: [seen], left: [] });
  child.stdin.end();
  expect(await exited).toEqual([1, null]);
});

test("endProcesses() with looksAgain kills one that is still found", async () => {
  const child = spawn("sh", ["-c", "trap '' TERM; echo up; read -r _"], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const exited = once(child, "exit");
  await once(child.stdout, "data");
  const seen = { pid: child.pid ?? 0, group: 0, startTime: "", command: "sh" };
  const find = async (): Promise<RunningProcess[]> =>
    child.exitCode === null && child.signalCode === null ? [seen] : [];
  const result = await endProcesses(find, { looksAgain: true }, { graceMs: 20 });
  expect(result).toEqual({ ended: [seen], left: [] });
  expect(await exited).toEqual([null, "SIGKILL"]);
});
