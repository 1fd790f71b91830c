import fc from "fast-check";
import { appendFileSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EVENT_SCHEMA_VERSION } from "@loom/core";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { lineMatcher } from "./line-matcher.ts";
import { LineScan } from "./line-scan.ts";
import { AllJobsLog } from "./all-jobs-log.ts";

/** The files of a run whose jobs print. */
class Run {
  readonly directory = temporaryDirectory();
  isOver = false;
  #seq = 0;

  constructor() {
    writeFileSync(join(this.directory, "events.jsonl"), "");
  }

  record(job: string, fields: Readonly<Record<string, unknown>>): void {
    const path = join(this.directory, "jobs", job, "user/execution/script/01/events.jsonl");
    mkdirSync(dirname(path), { recursive: true });
    this.#seq += 1;
    appendFileSync(
      path,
      `${JSON.stringify({ seq: this.#seq, ts: "2026-01-01T00:00:00.000Z", ...fields })}\n`,
    );
  }

  starts(job: string, attempt = 1): void {
    this.record(job, {
      event: "phase_start",
      schema_version: EVENT_SCHEMA_VERSION,
      run_id: "run",
      pipeline_id: "pipeline",
      scope: "step",
      phase_code: "step.script",
      phase_family: "step",
      job_id: job,
      step: 1,
      ...(attempt > 1 && { attempt }),
    });
  }

  prints(job: string, text: string, partial = false): void {
    this.record(job, { event: "output", stream: "stdout", text, ...(partial && { partial }) });
  }

  damages(job: string): void {
    appendFileSync(join(this.directory, "jobs", job, "user/execution/script/01/events.jsonl"), "{damaged\n");
  }

  triesAgain(job: string): void {
    const execution = join(this.directory, "jobs", job, "user/execution");
    mkdirSync(join(execution, "attempts/1"), { recursive: true });
    renameSync(join(execution, "script"), join(execution, "attempts/1/script"));
  }

  open(): AllJobsLog {
    const log = new AllJobsLog(this.directory, {
      commands: (job) => (job.startsWith("quiet") ? [] : [`make ${job}`]),
      isOver: () => this.isOver,
    });
    onTestFinished(() => log.close());
    return log;
  }
}

/** Lets a log read all that there is. */
async function read(log: AllJobsLog, bytes = 1 << 20): Promise<void> {
  while (log.grow(bytes)) await sleep(1);
}

function shown(log: AllJobsLog, from = 0, count = 10_000): readonly string[] {
  return log.lines(from, count).map(({ row, job, stream, text }) => `${row} ${job} ${stream} ${text}`);
}

describe("AllJobsLog", () => {
  test("has the lines of all jobs in the order in which they were printed, below their commands", async () => {
    const run = new Run();
    run.starts("lint");
    run.starts("unit");
    run.prints("unit", "ok 1");
    run.prints("lint", "no problem");
    run.prints("unit", "ok 2");
    const log = run.open();
    await read(log);
    expect(shown(log)).toEqual([
      "0 lint cmd $ make lint",
      "1 unit cmd $ make unit",
      "2 unit out ok 1",
      "3 lint out no problem",
      "4 unit out ok 2",
    ]);
    expect([log.jobOf(2), log.jobOf(3), log.jobOf(9)]).toEqual(["unit", "lint", undefined]);
    run.prints("lint", "done");
    await read(log);
    expect(shown(log, 4)).toEqual(["4 unit out ok 2", "5 lint out done"]);
  });

  test("keeps what an earlier attempt printed, and reads it under its new path", async () => {
    const run = new Run();
    run.starts("unit");
    run.prints("unit", "flaked");
    const log = run.open();
    await read(log);
    run.triesAgain("unit");
    run.starts("unit", 2);
    run.prints("unit", "passed");
    await read(log);
    const all = ["0 unit cmd $ make unit", "1 unit out flaked", "2 unit cmd attempt 2  $ make unit"];
    expect(shown(log)).toEqual([...all, "3 unit out passed"]);
    const again = run.open();
    await read(again);
    expect(shown(again)).toEqual([...all, "3 unit out passed"]);
  });

  test("joins the pieces of a line where it ends, and shows what never ended when the run is over", async () => {
    const run = new Run();
    run.starts("quiet");
    run.prints("quiet", "10%\r", true);
    run.prints("unit", "between");
    run.prints("quiet", "100% ", true);
    run.prints("quiet", "done");
    run.prints("unit", "Password: ", true);
    const log = run.open();
    await read(log);
    expect(shown(log, 1)).toEqual(["1 unit out between", "2 quiet out 10%\r100% done"]);
    const scan = new LineScan(log, lineMatcher("/^100% done$/") ?? expect.fail());
    scan.advance(() => true);
    expect([scan.count, scan.hit(0)]).toEqual([1, 2]);
    run.isOver = true;
    await read(log);
    expect(shown(log, 3)).toEqual(["3 unit out Password: "]);
  });

  test("passes over damaged records, and shows nothing of a run that is not there", async () => {
    const run = new Run();
    run.prints("unit", "before");
    run.damages("unit");
    run.prints("unit", "after");
    const log = run.open();
    await read(log);
    expect(shown(log)).toEqual(["0 unit out before", "1 unit out after"]);
    const none = new AllJobsLog(join(run.directory, "gone"), { commands: () => [], isOver: () => true });
    await read(none);
    expect([none.count, none.lines(0, 10), none.scan({ row: 0, offset: 0 }, 10, () => undefined)]).toEqual([
      0,
      [],
      { row: 0, offset: 0 },
    ]);
  });

  test("gives any range of many lines, whoever printed them, and finds them all", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 400 })), {
          minLength: 1,
          maxLength: 30,
        }),
        fc.nat({ max: 3000 }),
        async (bursts, from) => {
          const run = new Run();
          const wanted: string[] = [];
          const streams = new Map<number, string>();
          for (const [job, lines] of bursts) {
            for (let line = 0; line < lines; line += 1) {
              const seq = wanted.length + 1;
              const record = {
                seq,
                ts: "2026-01-01T00:00:00.000Z",
                event: "output",
                stream: "stdout",
                text: `line ${seq}`,
              };
              streams.set(job, `${streams.get(job) ?? ""}${JSON.stringify(record)}\n`);
              wanted.push(`${wanted.length} job${job} out line ${seq}`);
            }
          }
          for (const [job, text] of streams) {
            const path = join(run.directory, `jobs/job${job}/user/execution/script/01/events.jsonl`);
            mkdirSync(dirname(path), { recursive: true });
            writeFileSync(path, text);
          }
          const log = run.open();
          await read(log, 20_000);
          expect(log.count).toBe(wanted.length);
          expect(shown(log, from, 300)).toEqual(wanted.slice(from, from + 300));
          const scan = new LineScan(log, lineMatcher("line 7") ?? expect.fail());
          while (scan.advance(() => false));
          expect(scan.count).toBe(wanted.filter((text) => text.includes("line 7")).length);
          log.close();
        },
      ),
      { numRuns: 15 },
    );
  });
});
