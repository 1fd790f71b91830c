import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runIdentity } from "@loom/core";
import type { RecordSink } from "@loom/ports";
import { graphOf, temporaryDirectory } from "@loom/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { endJob, scriptRun, startJob } from "../../test/script-run.ts";
import { createRunDirectory } from "../layout/create-run-directory.ts";
import { SYSTEM_DISK, type Disk } from "./disk.ts";
import { createRunRecorder } from "./run-recorder.ts";

const IDENTITY = runIdentity(1n);

/** Two jobs that run side by side, so that their streams take turns. */
function play(sink: RecordSink): void {
  const run = scriptRun(IDENTITY, sink);
  run.begins(
    graphOf([
      { id: "a", script: ["one"] },
      { id: "b", script: ["one", "two"] },
    ]),
  );
  for (const job of ["a", "b"]) startJob(run, job);
  for (const job of ["a", "b"]) run.executionStarts(job);
  for (const job of ["a", "b"]) run.stepStarts(job, 1);
  run.prints("b", 1, ["out of b"]);
  run.prints("a", 1, ["out of a", "and more"]);
  for (const job of ["b", "a"]) run.stepEnds(job, 1);
  run.stepStarts("b", 2);
  run.executionEnds("a", { status: "success" });
  endJob(run, "a", "success");
  run.stepEnds("b", 2);
  run.executionEnds("b", { status: "success" });
  endJob(run, "b", "success");
  run.ends("success");
}

/** The numbers of the lifecycle records in all streams of a run, each once. */
function numbersIn(directory: string): number[] {
  const lines = readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("events.jsonl"))
    .flatMap((path) => {
      const text = readFileSync(join(directory, path), "utf8");
      return text
        .slice(0, text.lastIndexOf("\n") + 1)
        .split("\n")
        .slice(0, -1);
    });
  const records = lines.map((line) => JSON.parse(line) as { seq: number; event: string });
  const seqs = records.filter(({ event }) => event !== "output").map(({ seq }) => seq);
  return [...new Set(seqs)].toSorted((a, b) => a - b);
}

test("whatever writes a disk refuses, what is on it is a beginning of the run", () => {
  const repository = temporaryDirectory();
  const whole = createRunDirectory(repository, 1n);
  if (!whole.ok) throw new Error(whole.error.message);
  const onFault = (): void => undefined;
  const complete = createRunRecorder({ runDirectory: whole.value.directory, identity: IDENTITY, onFault });
  play(complete);
  complete.close();
  const all = numbersIn(whole.value.directory);

  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 60 }),
      fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }),
      (fates, flushes) => {
        const created = createRunDirectory(repository, 2n);
        if (!created.ok) throw new Error(created.error.message);
        const { directory } = created.value;
        let writes = 0;
        let turns = 0;
        const disk: Disk = {
          ...SYSTEM_DISK,
          // 0 refuses, 1 takes half of it, anything else takes all.
          write: (descriptor, bytes, offset, length) => {
            const fate = fates[(writes += 1) % fates.length];
            if (fate === 0) throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
            return SYSTEM_DISK.write(descriptor, bytes, offset, fate === 1 ? Math.ceil(length / 2) : length);
          },
        };
        const recorder = createRunRecorder({ runDirectory: directory, identity: IDENTITY, disk, onFault });
        const found: number[][] = [];
        const sink = {
          record: recorder.record.bind(recorder),
          lines: recorder.lines.bind(recorder),
          flush: () => {
            if (flushes[(turns += 1) % flushes.length] === true) recorder.flush();
            found.push(numbersIn(directory));
          },
        };
        play(sink);
        recorder.close();
        found.push(numbersIn(directory));
        rmSync(directory, { recursive: true });
        for (const numbers of found) expect(numbers).toEqual(all.slice(0, numbers.length));
      },
    ),
    { numRuns: 150 },
  );
});
