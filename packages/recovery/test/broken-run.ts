import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRunRecorder, type RunRecorder } from "@loom/artifacts";
import {
  epochMs,
  GRAPH_IR_SCHEMA,
  jobId,
  planFacts,
  planRun,
  runIdentity,
  RunMachine,
  type GraphIr,
  type LoomEvent,
  type RunIdentity,
  type RunInput,
  type StreamRef,
} from "@loom/core";
import { wireTime } from "@loom/record";
import { createSchedule } from "@loom/scheduler";
import { onTestFinished } from "vitest";

export const IDENTITY: RunIdentity = runIdentity(1_767_225_600_000_000_000n);

/** Two jobs, the first of which fails in its second step and is tried again. */
const GRAPH: GraphIr = {
  schema: GRAPH_IR_SCHEMA,
  stages: ["check"],
  nodes: [
    {
      id: "build",
      stage: "check",
      target: "linux",
      script: ["make", "make test"],
      retry: { max: 1, on: ["failure"] },
    },
    { id: "lint", stage: "check", target: "linux", script: ["lint"], needs: ["build"] },
  ],
  edges: [{ from: "build", to: "lint", kind: "needs" }],
};

const PLAN = planRun(GRAPH, { concurrency: 3 });
const STARTED_MS = 1_767_225_600_000;

/** One thing that a run left on disk. */
interface Left {
  readonly stream: StreamRef;
  readonly record: Exclude<LoomEvent, { event: "output" }> | { readonly text: string };
  readonly seq: number;
  readonly atMs: number;
}

/** Everything that the whole run leaves, in its order, a second apart. */
export const WHOLE: readonly Left[] = [...play()];

function* play(): Generator<Left> {
  const machine = new RunMachine({ identity: IDENTITY, schedule: createSchedule });
  let seq = 0;
  let atMs = STARTED_MS;
  const left = (stream: StreamRef, record: object): Left => {
    seq += 1;
    return { stream, record: { seq, ts: wireTime(epochMs(atMs)), ...record } as never, seq, atMs };
  };
  function* take(input: RunInput extends infer T ? (T extends unknown ? Omit<T, "atMs"> : never) : never) {
    atMs += 1000;
    const step = machine.step({ ...input, atMs: epochMs(atMs) } as RunInput);
    if (!step.ok) throw new Error(step.error.message);
    for (const { stream, event } of step.value.emissions) yield left(stream, event);
  }
  function* setUp(job: { readonly jobId: ReturnType<typeof jobId> }) {
    const ok = { status: "success" } as const;
    yield* take({ type: "section_started", section: "provider", ...job });
    yield* take({ type: "section_finished", section: "provider", outcome: ok, ...job });
    yield* take({ type: "phase_finished", phase: "job.provider_prepare", outcome: ok, ...job });
  }
  function* step(job: { readonly jobId: ReturnType<typeof jobId> }, number: number, exitCode: number) {
    const stream: StreamRef = { kind: "step", step: number, ...job };
    yield left(stream, { text: `step ${number}\n` });
    yield* take({ type: "step_finished", step: number, end: { kind: "exited", exitCode }, ...job });
  }
  const cleanUp = { type: "phase_finished", phase: "job.cleanup", outcome: { status: "success" } } as const;
  const build = { jobId: jobId("build") };
  const lint = { jobId: jobId("lint") };
  const log = { event: "log", level: "info" };
  yield* take({ type: "run_started" });
  const facts = { repo_root: "/repo", loom_version: "1.2.3", command: ["loom", "run", "--jobs", "3"] };
  yield left({ kind: "run" }, { ...log, message: "Began", ...facts });
  yield left({ kind: "run" }, { ...log, message: "Compiled", ...planFacts(GRAPH, PLAN) });
  yield* take({ type: "bootstrap_finished", outcome: { status: "success", plan: PLAN } });
  yield* setUp(build);
  yield* step(build, 1, 0);
  yield* step(build, 2, 3);
  yield* setUp(build);
  yield* step(build, 1, 0);
  yield* step(build, 2, 0);
  yield* take({ ...cleanUp, ...build });
  yield* setUp(lint);
  yield* step(lint, 1, 0);
  yield* take({ ...cleanUp, ...lint });
  yield* take({ type: "finalized", outcome: { status: "success" } });
}

/**
 * The directory of a run that ended after its first records, in a repository of its own.
 *
 * @param isOnDisk - Which of the records reached the disk. Default: all.
 */
export function brokenRun(count: number, isOnDisk: (seq: number) => boolean = () => true): string {
  const root = mkdtempSync(join(tmpdir(), "loom-recovery-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const directory = join(root, ".loom/.runtime/logs", IDENTITY.runId);
  mkdirSync(directory, { recursive: true });
  mkdirSync(join(root, ".loom/.runtime/receipts"));
  const recorder = createRunRecorder({
    runDirectory: directory,
    identity: IDENTITY,
    onFault: (fault) => {
      throw new Error(fault.message);
    },
  });
  for (const each of WHOLE.slice(0, count)) if (isOnDisk(each.seq)) write(recorder, each);
  recorder.close();
  return directory;
}

function write(recorder: RunRecorder, { stream, record, seq, atMs }: Left): void {
  if ("event" in record) recorder.record(stream, record);
  else {
    const bytes = Buffer.from(record.text);
    recorder.lines(stream, {
      stream: "stdout",
      firstSeq: seq,
      ts: wireTime(epochMs(atMs)),
      bytes,
      ends: [bytes.length - 1],
      partial: false,
    });
  }
  recorder.flush();
}

/** Every file of a folder, by its path. */
export function filesOf(directory: string): ReadonlyMap<string, string> {
  const paths = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  return new Map(paths.map((path) => [path.slice(directory.length + 1), readFileSync(path, "utf8")]));
}

/** The place of the first record with these fields. */
export function indexOf(fields: { readonly [key: string]: unknown }): number {
  return WHOLE.findIndex(({ record }) =>
    Object.entries(fields).every(
      ([key, value]) => (record as Readonly<Record<string, unknown>>)[key] === value,
    ),
  );
}
