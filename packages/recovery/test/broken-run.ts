import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createRunRecorder } from "@loom/artifacts";
import { runIdentity, type RunIdentity } from "@loom/core";
import type { RecordSink } from "@loom/ports";
import { createSchedule } from "@loom/scheduler";
import { graphOf, playRun, temporaryDirectory } from "@loom/testkit";

export const IDENTITY: RunIdentity = runIdentity(1_767_225_600_000_000_000n);

/** Two jobs, the first of which fails in its second step and is tried again. */
const GRAPH = graphOf([
  { id: "build", stage: "check", script: ["make", "make test"], retry: { max: 1, on: ["failure"] } },
  { id: "lint", stage: "check", script: ["lint"], needs: ["build"] },
]);

/** One thing that a run left on disk: a record, or a line of output. */
interface Left {
  readonly seq: number;
  /** Absent for output. */
  readonly record?: Parameters<RecordSink["record"]>[1];
  readonly write: (sink: RecordSink) => void;
}

/** Everything that the whole run leaves, in its order, a number for each. */
export const WHOLE: readonly Left[] = play();

function play(): readonly Left[] {
  const left: Left[] = [];
  const sink: RecordSink = {
    record: (stream, record) =>
      void left.push({ seq: record.seq, record, write: (other) => other.record(stream, record) }),
    lines: (stream, batch) =>
      void left.push({ seq: batch.firstSeq, write: (other) => other.lines(stream, batch) }),
    flush: () => undefined,
  };
  playRun(
    {
      graph: GRAPH,
      concurrency: 3,
      began: { repo_root: "/repo", loom_version: "1.2.3", command: ["loom", "run", "--jobs", "3"] },
      step: (job, step, attempt) => ({
        ms: 1000,
        stdout: [`step ${step}`],
        ...(job === "build" && step === 2 && attempt === 1 && { end: { kind: "exited", exitCode: 3 } }),
      }),
    },
    { identity: IDENTITY, sink, schedule: createSchedule },
  );
  return left;
}

/**
 * The directory of a run that ended after its first records, in a repository of its own.
 *
 * @param isOnDisk - Which of the records reached the disk. Default: all.
 */
export function brokenRun(count: number, isOnDisk: (seq: number) => boolean = () => true): string {
  const root = temporaryDirectory();
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
  for (const { seq, write } of WHOLE.slice(0, count)) {
    if (!isOnDisk(seq)) continue;
    write(recorder);
    recorder.flush();
  }
  recorder.close();
  return directory;
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
      ([key, value]) => (record as Readonly<Record<string, unknown>> | undefined)?.[key] === value,
    ),
  );
}
