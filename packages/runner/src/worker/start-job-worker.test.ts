import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { RunId } from "@loom/core";
import type { Provider, ProviderRun } from "@loom/ports";
import { createHostProvider } from "@loom/provider-host";
import { FarJobs } from "@loom/remote";
import { createSystemClock } from "@loom/system";
import {
  buildJobSpec,
  createRecordingLog,
  createRecordingSections,
  createStopSwitch,
  MemoryExchange,
  temporaryDirectory,
} from "@loom/testkit";
import { expect, test } from "vitest";
import { startJobWorker } from "./start-job-worker.ts";

test("startJobWorker() tells jobs of one run apart, and leaves nothing of them", async () => {
  const clock = createSystemClock();
  const exchange = new MemoryExchange(clock);
  const [cacheHome, workspaceRoot] = [temporaryDirectory(), temporaryDirectory()];
  const opened: ProviderRun[] = [];
  const provider = createHostProvider();
  const host: Provider = {
    ...provider,
    open: (run) => {
      opened.push(run);
      return provider.open(run);
    },
  };
  const worker = startJobWorker({
    exchange,
    name: "w1",
    pools: ["p"],
    slots: 2,
    cacheHome,
    providers: { host },
  });
  const far = new FarJobs({ exchange, runId: "run-1" as RunId, clock, folder: join(cacheHome, "sent") });
  await far.open();
  const jobs = ["one", "two"].map((name) => buildJobSpec({ id: name, workspaceRoot }));
  const sessions = await Promise.all(
    jobs.map(
      async (job) =>
        await far.provider("p").prepare(job, createRecordingSections(), createStopSwitch().request),
    ),
  );
  expect(sessions.map(({ ok }) => ok)).toEqual([true, true]);
  const ids = opened.map(({ runId }) => runId).toSorted();
  expect(new Set(ids).size).toBe(2);
  const [home = ""] = readdirSync(join(cacheHome, "loom/worker"));
  const jobsFolder = join(cacheHome, "loom/worker", home, "jobs");
  expect(readdirSync(jobsFolder).toSorted()).toEqual(ids);
  // Jobs that follow have the places of those before.
  for (const session of sessions) if (session.ok) await session.value.close(createRecordingLog());
  const left = (): readonly string[] => ids.filter((id) => existsSync(join(jobsFolder, id, "workspace")));
  await expect.poll(left).toEqual([]);
  const next = buildJobSpec({ id: "three", workspaceRoot });
  const third = await far.provider("p").prepare(next, createRecordingSections(), createStopSwitch().request);
  expect([third.ok, opened.length]).toEqual([true, 2]);
  expect((await far.close(createRecordingLog())).ok).toBe(true);
  worker.leave(0);
  await worker.left;
  expect(readdirSync(join(cacheHome, "loom/worker"))).toEqual([]);
});
