import { appendFileSync, mkdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { JobLog } from "./job-log.ts";
import { lineMatcher } from "./line-matcher.ts";
import { LineScan } from "./line-scan.ts";

const HEAD = '{"event":"phase_start","step":1}';

/** A job on disk with the output of its steps. */
class Job {
  readonly directory = join(temporaryDirectory(), "jobs/unit");

  prints(step: number, ...texts: readonly string[]): void {
    const path = join(this.directory, `user/execution/script/0${step}/events.jsonl`);
    mkdirSync(dirname(path), { recursive: true });
    const isNew = !this.#begun.has(path);
    this.#begun.add(path);
    const records = texts.map((text) =>
      JSON.stringify({ seq: 1, ts: "2026-01-01T00:00:00.000Z", event: "output", stream: "stdout", text }),
    );
    appendFileSync(path, [...(isNew ? [HEAD] : []), ...records].map((line) => `${line}\n`).join(""));
  }

  triesAgain(attempt: number): void {
    const execution = join(this.directory, "user/execution");
    const aside = join(execution, `attempts/${attempt}/script`);
    mkdirSync(dirname(aside), { recursive: true });
    renameSync(join(execution, "script"), aside);
    this.#begun.clear();
  }

  readonly #begun = new Set<string>();

  open(commands: readonly string[] = ["pnpm install", "pnpm test\n--bail\n"]): JobLog {
    const log = new JobLog(this.directory, commands);
    log.grow(1 << 20);
    return log;
  }
}

function texts(log: JobLog, from = 0, count = 100): readonly string[] {
  return log.lines(from, count).map(({ row, stream, text }) => `${row} ${stream} ${text}`);
}

describe("JobLog", () => {
  test("is empty before the first step, and grows with the steps", () => {
    const job = new Job();
    const log = job.open();
    expect([log.count, texts(log)]).toEqual([0, []]);
    job.prints(1, "added 3 packages");
    log.grow(1 << 20);
    expect(texts(log)).toEqual(["0 cmd $ pnpm install", "1 out added 3 packages"]);
    job.prints(2, "ok 1", "ok 2");
    log.grow(1 << 20);
    expect(log.count).toBe(6);
    expect(texts(log)).toEqual([
      "0 cmd $ pnpm install",
      "1 out added 3 packages",
      "2 cmd $ pnpm test",
      "3 cmd   --bail",
      "4 out ok 1",
      "5 out ok 2",
    ]);
    log.close();
  });

  test("returns any range of lines", () => {
    const job = new Job();
    for (const step of [1, 2, 3]) job.prints(step, ...Array.from({ length: 300 }, (_, n) => `${step}.${n}`));
    const log = job.open(["a", "b", "c"]);
    const all = texts(log, 0, 10_000);
    expect(all).toHaveLength(903);
    for (const from of [0, 1, 299, 300, 301, 302, 450, 600, 602, 901, 902, 903])
      for (const count of [1, 2, 5, 320])
        expect(texts(log, from, count)).toEqual(all.slice(from, from + count));
    log.close();
  });

  test("shows each attempt under its number once there are two", () => {
    const job = new Job();
    job.prints(1, "first");
    job.triesAgain(1);
    job.prints(1, "second");
    const log = job.open(["try"]);
    expect(texts(log)).toEqual([
      "0 cmd attempt 1",
      "1 cmd $ try",
      "2 out first",
      "3 cmd attempt 2",
      "4 cmd $ try",
      "5 out second",
    ]);
    log.close();
  });

  test("cuts a command of many lines, and says how many are missing", () => {
    const job = new Job();
    job.prints(1, "x");
    const log = job.open([Array.from({ length: 7 }, (_, n) => `line ${n}`).join("\n")]);
    expect(texts(log).slice(4)).toEqual(["4 cmd   line 4", "5 cmd   … 2 more lines", "6 out x"]);
    log.close();
  });

  test("can be searched, including commands, and finds each row once however it grows", () => {
    const job = new Job();
    const log = job.open(["find x", "x again"]);
    const matcher = lineMatcher("x");
    if (matcher === undefined) expect.fail("no matcher");
    const scan = new LineScan(log, matcher);
    const found = (): number[] => {
      log.grow(1 << 20);
      while (scan.advance(() => true));
      return Array.from({ length: scan.count }, (_, number) => scan.hit(number));
    };
    expect(found()).toEqual([]);
    job.prints(1, "a", "x1");
    expect(found()).toEqual([0, 2]);
    job.prints(1, "x2");
    expect(found()).toEqual([0, 2, 3]);
    job.prints(2, "b", "x3");
    expect(found()).toEqual([0, 2, 3, 4, 6]);
    expect(found()).toEqual([0, 2, 3, 4, 6]);
    log.close();
  });
});
