import { relative } from "node:path";
import type { EventError, RunIdentity } from "@loom/core";
import { FakeClock, temporaryDirectory, type ScriptedRun } from "@loom/testkit";
import { onTestFinished } from "vitest";
import { createRunDirectory } from "../src/layout/create-run-directory.ts";
import { createRunRecorder, type RunRecorder } from "../src/write/run-recorder.ts";
import { scriptRun } from "./script-run.ts";
import { WatchedDisk } from "./watched-disk.ts";

/** A recorder, the run that is played to it, and all that it does to the disk and to the clock. */
export interface WatchedRecorder {
  readonly run: ScriptedRun;
  readonly recorder: RunRecorder;
  readonly identity: RunIdentity;
  readonly directory: string;
  readonly disk: WatchedDisk;
  readonly clock: FakeClock;
  readonly faults: readonly EventError[];
  /** What was told of output: the stream, how many lines and how many bytes. */
  readonly output: readonly { readonly path: string; readonly lines: number; readonly bytes: number }[];
}

/** The paths, relative to the run's directory. */
export function within(directory: string, paths: readonly string[]): string[] {
  return paths.map((path) => relative(directory, path));
}

/**
 * Opens a recorder on a watched disk.
 *
 * @param flushes - Whether the run asks for a flush after each record, as a real one does. Default: yes.
 */
export function watchedRecorder({ flushes = true }: { readonly flushes?: boolean } = {}): WatchedRecorder {
  const created = createRunDirectory(temporaryDirectory(), 1767225600000000000n);
  if (!created.ok) throw new Error(created.error.message);
  const { identity, directory } = created.value;
  const disk = new WatchedDisk();
  const clock = new FakeClock();
  const faults: EventError[] = [];
  const output: { path: string; lines: number; bytes: number }[] = [];
  const recorder = createRunRecorder({
    runDirectory: directory,
    identity,
    disk,
    after: (delayMs, callback) => clock.after(delayMs, callback),
    onFault: (fault) => faults.push(fault),
    onLines: (path, _line, _firstSeq, lines, bytes) => output.push({ path, lines, bytes }),
  });
  onTestFinished(() => {
    disk.allowAll();
    recorder.close();
  });
  const run = scriptRun(identity, {
    record: (stream, record) => recorder.record(stream, record),
    lines: (stream, batch) => recorder.lines(stream, batch),
    flush: () => {
      if (flushes) recorder.flush();
    },
  });
  return { run, recorder, identity, directory, disk, clock, faults, output };
}
