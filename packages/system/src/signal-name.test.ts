import { spawnSync } from "node:child_process";
import { constants } from "node:os";
import { expect, test } from "vitest";
import { signalName } from "./signal-name.ts";

test("signalName() tells what Node tells of a process that the signal ended", () => {
  const { SIGABRT, SIGKILL, SIGIO, SIGSYS } = constants.signals;
  for (const number of [SIGABRT, SIGKILL, SIGIO, SIGSYS])
    expect(signalName(number)).toBe(spawnSync("/bin/sh", ["-c", `kill -${number} $$`]).signal);
});

test("signalName() knows no name of a number without one", () => {
  expect([signalName(0), signalName(40), signalName(-1)]).toEqual([undefined, undefined, undefined]);
});
