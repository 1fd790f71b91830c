// What the evidence of one job with one step costs, over a thousand of them: CPU and wall clock.
// Run: node --conditions=@loom/source packages/artifacts/bench/record-jobs.ts
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRunDirectory } from "../src/layout/create-run-directory.ts";
import { createRunRecorder } from "../src/write/run-recorder.ts";
import { graphOf, PlayedRun } from "@loom/testkit";
import { endJob, startJob } from "../test/script-run.ts";

const JOBS = 1_000;
const root = mkdtempSync(join(process.argv[2] ?? tmpdir(), "loom-bench-"));
for (let round = 0; round < 5; round++) {
  const created = createRunDirectory(root, 1n);
  if (!created.ok) throw new Error(created.error.message);
  const { identity, directory } = created.value;
  const recorder = createRunRecorder({
    runDirectory: directory,
    identity,
    onFault: (fault) => {
      throw new Error(fault.message);
    },
  });
  const run = new PlayedRun(recorder).goesBy(identity);
  const names = Array.from({ length: JOBS }, (_, index) => `job-${index}`);
  run.begins(graphOf(names.map((id) => ({ id }))));
  const beganAt = performance.now();
  const before = process.cpuUsage();
  for (const name of names) {
    startJob(run, name);
    run.executionStarts(name);
    run.stepStarts(name, 1);
    run.stepEnds(name, 1);
    run.executionEnds(name, { status: "success" });
    endJob(run, name, "success");
  }
  const { user, system } = process.cpuUsage(before);
  const wall = performance.now() - beganAt;
  recorder.close();
  const perJob = (ms: number): string => `${Math.round((ms * 1000) / JOBS)} µs`;
  process.stdout.write(
    `per job: user ${perJob(user / 1000)}, system ${perJob(system / 1000)}, wall ${perJob(wall)}\n`,
  );
}
rmSync(root, { recursive: true });
