import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { openRun, readRecords, type RunReader } from "@loom/artifacts";
import { planOf, type RecordedEvent } from "@loom/core";
import { graphOf, temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { playOnDisk } from "../../test/play-on-disk.ts";
import { followRecords } from "./follow-records.ts";

const GRAPH = graphOf([
  { id: "build", stage: "a", retry: { max: 1, on: ["failure"] } },
  { id: "unit", stage: "b" },
]);

async function opened(directory: string): Promise<RunReader> {
  const run = await openRun(directory);
  if (!run.ok) throw new Error(run.error.message);
  return run.value;
}

test("followRecords() of a run that is over gives what readRecords() gives, and ends", async () => {
  const { directory, records } = playOnDisk(temporaryDirectory(), {
    graph: GRAPH,
    step: (job, _step, attempt) =>
      job === "build" && attempt === 1 ? { end: { kind: "exited", exitCode: 1 } } : {},
  });
  const run = await opened(directory);
  const followed: RecordedEvent[] = [];
  for await (const record of followRecords(run)) followed.push(record);
  const read = await readRecords(run);
  const seqs = (all: readonly RecordedEvent[]): readonly number[] => all.map(({ record }) => record.seq);
  expect(read.ok && seqs(read.value)).toEqual(
    seqs(followed).filter((seq) => read.ok && seqs(read.value).includes(seq)),
  );
  expect(new Set(seqs(followed)).size).toBe(followed.length);
  expect(followed.length).toBe(records.length);
  expect(planOf(followed)?.jobs.map(({ jobId }) => jobId)).toEqual(["build", "unit"]);
});

test("followRecords() follows a run while another process writes it", async () => {
  const directory = join(temporaryDirectory(), "loom-run-local-7");
  mkdirSync(join(directory, "pipeline"), { recursive: true });
  const writer = join(import.meta.dirname, "../../test/write-live-run.ts");
  const child = spawn(process.execPath, ["--conditions=@loom/source", writer, directory], {
    stdio: "ignore",
  });
  const events: string[] = [];
  let last = 0;
  const run = await opened(directory);
  for await (const { stream, record } of followRecords(run, { isAlive: () => child.exitCode === null })) {
    if (stream.kind === "run") expect(record.seq).toBeGreaterThan(last);
    if (stream.kind === "run") last = record.seq;
    events.push(record.event === "job_state" ? `${record.job_id} ${record.to}` : record.event);
  }
  expect(events).toContain("build running");
  expect(events.filter((event) => event.startsWith("build "))).toEqual([
    "build ready",
    "build running",
    "build success",
  ]);
});

test("followRecords() ends when it is told to, and when the process of the run is gone", async () => {
  const { directory } = playOnDisk(temporaryDirectory(), {
    graph: GRAPH,
    step: () => ({ ms: 500 }),
    dieAtMs: 300,
  });
  const run = await opened(directory);
  let seen = 0;
  for await (const _ of followRecords(run, { isAlive: () => false, pollMs: 1 })) seen += 1;
  expect(seen).toBeGreaterThan(5);
  const stop = new AbortController();
  for await (const _ of followRecords(run, { signal: stop.signal })) stop.abort();
});
