import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openRun, type RunReader } from "@loom/artifacts";
import { graphOf, temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { playOnDisk } from "../../test/play-on-disk.ts";
import { followEvents, type FollowedEvent, type FollowEventsOptions } from "./follow-events.ts";

async function opened(directory: string): Promise<RunReader> {
  const run = await openRun(directory);
  if (!run.ok) throw new Error(run.error.message);
  return run.value;
}

async function followed(directory: string, options?: FollowEventsOptions): Promise<readonly FollowedEvent[]> {
  const events: FollowedEvent[] = [];
  for await (const event of followEvents(await opened(directory), options)) events.push(event);
  return events;
}

function seqs(events: readonly FollowedEvent[]): readonly number[] {
  return events.map(({ event }) => event.seq);
}

/** A run with a second attempt, and lines of output. */
function played(): string {
  const { directory } = playOnDisk(temporaryDirectory(), {
    graph: graphOf([
      { id: "build", stage: "a", retry: { max: 1, on: ["failure"] } },
      { id: "unit", stage: "b" },
    ]),
    step: (job, _step, attempt) => ({
      stdout: ["one", "two"],
      ...(job === "build" && attempt === 1 && { end: { kind: "exited", exitCode: 1 } }),
    }),
  });
  return directory;
}

test("followEvents() gives every record once, in order, with the stream it is of", async () => {
  const events = await followed(played());
  expect(seqs(events)).toEqual(events.map((_, index) => index + 1));
  const outputs = events.filter(({ event }) => event.event === "output");
  expect(outputs.length).toBeGreaterThan(3);
  expect(outputs[0]?.stream).toEqual({ kind: "step", jobId: "build", step: 1 });
  expect(events.at(-1)?.event).toMatchObject({ event: "phase_finish", phase_code: "run.finalize" });
});

test("followEvents() begins where it is told to", async () => {
  const directory = played();
  const all = await followed(directory);
  expect(await followed(directory, { from: 12 })).toEqual(all.slice(11));
});

test("followEvents() passes over a record that is damaged, once nothing more comes", async () => {
  const directory = played();
  const all = await followed(directory);
  const path = join(directory, "pipeline/events.jsonl");
  const [first = "", second = "", ...rest] = readFileSync(path, "utf8").split("\n");
  writeFileSync(path, [first, second.replace("{", "["), ...rest].join("\n"));
  const { seq } = JSON.parse(second) as { seq: number };
  expect(seqs(await followed(directory, { pollMs: 1 }))).toEqual(seqs(all).filter((each) => each !== seq));
});

test("followEvents() follows a run while another process writes it", async () => {
  const directory = join(temporaryDirectory(), "loom-run-local-7");
  mkdirSync(join(directory, "pipeline"), { recursive: true });
  const writer = join(import.meta.dirname, "../../test/write-live-run.ts");
  const child = spawn(process.execPath, ["--conditions=@loom/source", writer, directory], {
    stdio: "ignore",
  });
  const events = await followed(directory, { isAlive: () => child.exitCode === null });
  expect(seqs(events)).toEqual(events.map((_, index) => index + 1));
  expect(events.at(-1)?.event).toMatchObject({ phase_code: "run.finalize" });
});

test("followEvents() ends when its signal aborts", async () => {
  const stop = new AbortController();
  const seen: number[] = [];
  for await (const { event } of followEvents(await opened(played()), { signal: stop.signal })) {
    seen.push(event.seq);
    if (seen.length === 5) stop.abort();
  }
  expect(seen).toHaveLength(5);
});
