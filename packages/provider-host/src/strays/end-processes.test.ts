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
