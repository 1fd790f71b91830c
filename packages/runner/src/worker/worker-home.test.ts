import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { err, ok, type EventError, type Result } from "@loom/core";
import type { DeadRun, Provider } from "@loom/ports";
import { currentProcess } from "@loom/system";
import { createMemoryProvider, temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import {
  endDeadWorkers,
  endLeftWorker,
  jobNotesPath,
  makeWorkerHome,
  workersFolder,
  type WorkerHome,
} from "./worker-home.ts";

/** A number that no process has: Linux gives out 4,194,304 at most. */
const NOBODY = 4_194_305;

/** A provider that ends what is left as told, and whose it was asked to end. */
function endingProvider(result: Result<void, EventError> = ok(undefined)) {
  const asked: DeadRun[] = [];
  const host: Provider = {
    ...createMemoryProvider(),
    name: "host",
    endLeftovers: async (run) => {
      asked.push(run);
      return Promise.resolve(result);
    },
  };
  return { providers: { host }, asked };
}

/** The home of a worker with a job of which something is noted. */
function homeWithJob(cacheFolder: string, name: string): WorkerHome {
  const home = makeWorkerHome(cacheFolder, name);
  mkdirSync(home.jobFolder("run-job-1"), { recursive: true });
  writeFileSync(jobNotesPath(home.jobFolder("run-job-1"), "host"), "");
  return home;
}

/** Has a dead process be the owner of a home. */
function forsake({ folder }: WorkerHome): void {
  writeFileSync(`${folder}.json`, JSON.stringify({ ...currentProcess(), pid: NOBODY }));
}

describe("endDeadWorkers()", () => {
  test("ends what dead workers left, removes their folders, and leaves those of others alone", async () => {
    const cache = temporaryDirectory();
    const [dead, alive, elsewhere] = ["a", "a", "b"].map((name) => homeWithJob(cache, name));
    if (dead === undefined || alive === undefined || elsewhere === undefined) throw new Error("made");
    forsake(dead);
    writeFileSync(`${elsewhere.folder}.json`, JSON.stringify({ ...currentProcess(), host: "elsewhere" }));
    writeFileSync(`${workersFolder(cache)}/cut.json`, '{"pid": 1');
    const { providers, asked } = endingProvider();
    await endDeadWorkers(cache, { env: { XDG_CACHE_HOME: cache }, providers });
    expect(asked).toEqual([
      expect.objectContaining({
        runId: "run-job-1",
        ownerPid: NOBODY,
        justDied: false,
        notesPath: jobNotesPath(dead.jobFolder("run-job-1"), "host"),
      }),
    ]);
    expect([existsSync(dead.folder), existsSync(`${dead.folder}.json`)]).toEqual([false, false]);
    for (const home of [alive, elsewhere]) expect(existsSync(home.jobFolder("run-job-1"))).toBe(true);
    expect(existsSync(`${workersFolder(cache)}/cut.json`)).toBe(true);
  });

  test("keeps what is noted of processes that could not be ended", async () => {
    const cache = temporaryDirectory();
    const home = homeWithJob(cache, "a");
    forsake(home);
    const { providers } = endingProvider(err({ code: "processes_left", message: "One stays" }));
    const left = { env: { XDG_CACHE_HOME: cache }, providers };
    await endDeadWorkers(cache, left);
    expect(existsSync(jobNotesPath(home.jobFolder("run-job-1"), "host"))).toBe(true);
    await endDeadWorkers(cache, { ...left, providers: endingProvider().providers });
    expect(readdirSync(workersFolder(cache))).toEqual([]);
  });

  test("finds nothing where there was no worker", async () => {
    const cache = temporaryDirectory();
    await endDeadWorkers(cache, { env: { XDG_CACHE_HOME: cache } });
    expect(readdirSync(cache)).toEqual([]);
  });
});

test("endLeftWorker() ends what a worker left a moment ago, also when done again", async () => {
  const cache = temporaryDirectory();
  const home = homeWithJob(cache, "a");
  const { providers, asked } = endingProvider();
  const left = { env: { XDG_CACHE_HOME: cache }, providers, ownerPid: NOBODY, justDied: true };
  await endLeftWorker(home.folder, left);
  await endLeftWorker(home.folder, left);
  expect(asked).toMatchObject([{ justDied: true, ownerPid: NOBODY }]);
  expect(readdirSync(workersFolder(cache))).toEqual([]);
});
