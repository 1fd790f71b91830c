import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  buildJobSpec,
  CollectedOutput,
  createRecordingLog,
  createRecordingSections,
  createStopSwitch,
  providerContract,
  SHELL_SCRIPTS,
} from "@loom/contract-suites";
import { runIdentity } from "@loom/core";
import { createCleanRoom } from "./clean-room.mjs";

/** Whether a process runs; one that has ended and is not yet waited for does not. */
function isRunning(pid) {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

describe("createCleanRoom()", { timeout: 60_000 }, () => {
  const make = () => {
    const workspaceRoot = realpathSync(mkdtempSync(join(tmpdir(), "clean-room-test-")));
    return {
      provider: createCleanRoom(),
      env: { PATH: process.env.PATH },
      workspaceRoot,
      missingRoot: join(workspaceRoot, "missing"),
      scripts: SHELL_SCRIPTS,
      isRunning,
      dispose: () => rmSync(workspaceRoot, { recursive: true, force: true }),
    };
  };
  for (const { name, run } of providerContract(make)) test(name, run);

  test("gives a step nothing of the caller's environment but PATH, and an empty home", async () => {
    const { PATH } = process.env;
    const run = createCleanRoom().open({ runId: runIdentity(1n).runId, env: { PATH, TOKEN: "secret" } });
    const stop = createStopSwitch().request;
    const job = buildJobSpec({ workspaceRoot: tmpdir() });
    const { value: session } = await run.prepare(job, createRecordingSections(), stop);
    const output = new CollectedOutput();
    await session.run({ step: 1, script: 'env; ls -A "$HOME"' }, output, stop);
    await session.close(createRecordingLog());
    const names = output.stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("=")[0]);
    const ofShells = ["OLDPWD", "PWD", "SHLVL", "_"];
    assert.deepEqual(names.filter((name) => !ofShells.includes(name)).sort(), [
      "CLEAN_ROOM",
      "HOME",
      "LOOM_JOB_ID",
      "LOOM_RUN_ID",
      "LOOM_STEP",
      "PATH",
      "TMPDIR",
    ]);
  });
});
