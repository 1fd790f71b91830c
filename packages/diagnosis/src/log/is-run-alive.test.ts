import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { openRun } from "@loom/artifacts";
import { describe, expect, test } from "vitest";
import { temporaryDirectory } from "../../test/temporary-directory.ts";
import { isRunAlive } from "./is-run-alive.ts";

async function alive(facts: object): Promise<boolean | undefined> {
  const directory = join(temporaryDirectory(), "loom-run-local-1");
  mkdirSync(directory);
  const record = { seq: 2, ts: "x", event: "log", level: "info", message: "Run context", ...facts };
  writeFileSync(join(directory, "events.jsonl"), `garbage\n${JSON.stringify(record)}\n`);
  const run = await openRun(directory);
  return run.ok ? isRunAlive(run.value) : undefined;
}

describe("isRunAlive()", () => {
  test("isRunAlive() tells a process that is there from one that is gone", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    const found = await Promise.all([process.pid, child.pid].map((pid) => alive({ pid, host: hostname() })));
    expect(found).toStrictEqual([true, false]);
  });

  test("isRunAlive() knows nothing of other machines, of nonsense, and of runs that noted no process", async () => {
    const facts = [
      { pid: process.pid, host: "elsewhere" },
      { pid: -1, host: hostname() },
      { pid: "1", host: hostname() },
      {},
    ];
    expect(await Promise.all(facts.map(alive))).toStrictEqual([undefined, undefined, undefined, undefined]);
  });
});
