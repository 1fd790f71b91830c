import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { findCgroupHome } from "./cgroup-home.ts";
import { canUseCgroups } from "./can-use-cgroups.ts";
import { RunCgroup } from "./run-cgroup.ts";

const mayMakeGroups = findCgroupHome() !== undefined;

test.runIf(mayMakeGroups)("take() returns an empty group, even the first one (needs control groups)", () => {
  // The probe process ends within moments; over many tries it would be seen in the group.
  for (let round = 0; round < 20; round += 1) {
    const run = RunCgroup.create(randomBytes(16).toString("hex"));
    const first = run?.take();
    expect([first?.isPopulated ?? false, first?.members() ?? []]).toEqual([false, []]);
    run?.remove();
  }
});

test.runIf(mayMakeGroups)("remove() leaves no group (needs control groups)", async () => {
  const run = RunCgroup.create(randomBytes(16).toString("hex"));
  run?.take();
  await expect.poll(() => run?.isPopulated ?? false).toBe(false);
  run?.remove();
  expect(existsSync(run?.directory ?? "/nowhere")).toBe(false);
});

test.runIf(mayMakeGroups)(
  "canUseCgroups() says whether a job can have a group (needs control groups)",
  async () => {
    const run = RunCgroup.create(randomBytes(16).toString("hex"));
    await run?.tryToEnter();
    const hasOne = run?.take() !== undefined;
    run?.remove();
    expect(await canUseCgroups()).toBe(hasOne);
  },
);
