import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  mkdirSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { openRun, type RunReader } from "@loom/artifacts";
import { jobId } from "@loom/core";
import { createPhaseValidator, createStreamReader } from "@loom/phase-validator";
import { brokenRules, graphOf, temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { playOnDisk, type PlayedEvidence } from "../../test/play-on-disk.ts";
import type { LinePattern, LogLine } from "./log-line.ts";
import { linePattern } from "./line-pattern.ts";
import { readLog, type ReadLogOptions } from "./read-log.ts";

async function opened({ directory }: Pick<PlayedEvidence, "directory">): Promise<RunReader> {
  const run = await openRun(directory);
  if (!run.ok) throw new Error(run.error.message);
  return run.value;
}

async function linesOf(run: RunReader, options: ReadLogOptions): Promise<LogLine[]> {
  const log = await readLog(run, options);
  if (!log.ok) throw new Error(log.error.message);
  const lines: LogLine[] = [];
  for await (const line of log.value) lines.push(line);
  return lines;
}

function patternOf(text: string): LinePattern {
  const pattern = linePattern(text, { ignoreCase: true });
  if (!pattern.ok) throw new Error(pattern.error);
  return pattern.value;
}

function shown(lines: readonly LogLine[]): string[] {
  return lines.map(({ jobId, unit, stream, text }) => {
    const place =
      unit.kind === "step"
        ? `${unit.step}${unit.attempt === undefined ? "" : `#${unit.attempt}`}`
        : unit.section;
    return `${jobId} ${place} ${stream}: ${text}`;
  });
}

const GRAPH = graphOf([
  { id: "build", script: ["one", "two"], retry: { max: 1, on: ["failure"] } },
  { id: "lint", script: ["lint"] },
]);

function played(): PlayedEvidence {
  return playOnDisk(temporaryDirectory(), {
    graph: GRAPH,
    step: (job, step, attempt) => ({
      ms: 10 * step,
      stdout: [`${job} ${step} try ${attempt}`],
      stderr: ["warning"],
      ...(job === "build" && step === 2 && attempt === 1 && { end: { kind: "exited", exitCode: 1 } }),
    }),
  });
}

describe("readLog()", () => {
  test("readLog() gives the sections, steps and attempts of a job in the order of the run", async () => {
    const lines = await linesOf(await opened(played()), { job: "build" });
    expect(shown(lines)).toStrictEqual([
      "build provider log: Provider",
      "build 1#1 stdout: build 1 try 1",
      "build 1#1 stderr: warning",
      "build 2#1 stdout: build 2 try 1",
      "build 2#1 stderr: warning",
      "build provider log: Provider",
      "build 1 stdout: build 1 try 2",
      "build 1 stderr: warning",
      "build 2 stdout: build 2 try 2",
      "build 2 stderr: warning",
    ]);
    expect(lines.map((line) => line.seq)).toStrictEqual(
      lines.map((line) => line.seq).toSorted((a, b) => a - b),
    );
  });

  test("readLog() gives the lines of all jobs in the order of the run", async () => {
    const lines = await linesOf(await opened(played()), { streams: ["stdout"] });
    expect(shown(lines).slice(0, 3)).toStrictEqual([
      "build 1#1 stdout: build 1 try 1",
      "lint 1 stdout: lint 1 try 1",
      "build 2#1 stdout: build 2 try 1",
    ]);
  });

  test("readLog() takes only the step, output, text and number of lines asked for", async () => {
    const run = await opened(played());
    const found = await Promise.all([
      linesOf(run, { job: "build", step: 2, streams: ["stdout"] }),
      linesOf(run, { job: "build", grep: "try 2" }),
      linesOf(run, { job: "build", grep: patternOf("TRY 1$") }),
      linesOf(run, { job: "build", tail: 3 }),
      linesOf(run, { tail: 1, streams: ["stdout"], grep: "lint" }),
      linesOf(run, { tail: 0 }),
    ]);
    expect(found.map(shown)).toStrictEqual([
      ["build 2#1 stdout: build 2 try 1", "build 2 stdout: build 2 try 2"],
      ["build 1 stdout: build 1 try 2", "build 2 stdout: build 2 try 2"],
      ["build 1#1 stdout: build 1 try 1", "build 2#1 stdout: build 2 try 1"],
      ["build 1 stderr: warning", "build 2 stdout: build 2 try 2", "build 2 stderr: warning"],
      ["lint 1 stdout: lint 1 try 1"],
      [],
    ]);
  });

  test("linePattern() matches in linear time what others take forever over, and says why it cannot", () => {
    expect(patternOf("^(a+)+$").matches(`${"a".repeat(50_000)}!`)).toBe(false);
    expect(linePattern("a(")).toEqual({ ok: false, error: 'missing closing ) in "a("' });
    expect(linePattern("(?=a)")).toMatchObject({ ok: false });
  });

  test("readLog() finds the last lines of a stream that nobody can read whole in milliseconds", async () => {
    const played_ = played();
    const path = join(played_.directory, "jobs/lint/user/execution/script/01/events.jsonl");
    const file = openSync(path, "a");
    const line = `${JSON.stringify({ seq: 900, ts: "x", event: "output", stream: "stdout", text: "x".repeat(900) })}\n`;
    // A hole of a gigabyte, then lines.
    writeSync(file, `\n${line.repeat(300)}`, 1024 ** 3);
    const run = await opened(played_);
    const before = performance.now();
    const lines = await linesOf(run, { job: "lint", tail: 100 });
    expect(lines).toHaveLength(100);
    expect(performance.now() - before).toBeLessThan(500);
  });

  test("readLog() says which jobs there are when it is asked for another", async () => {
    const run = await opened(played());
    const answers = await Promise.all(["nope", "../build", "", ".."].map((job) => readLog(run, { job })));
    expect(answers.map((answer) => (answer.ok ? "" : answer.error.message))).toStrictEqual(
      ["nope", "../build", "", ".."].map(
        (job) =>
          `Cannot read the log of job "${job}": run "loom-run-local-1" has no such job; its jobs are build, lint`,
      ),
    );
  });

  test("readLog() passes over damaged records and gives what a torn stream holds", async () => {
    const played_ = played();
    const path = join(played_.directory, "jobs/lint/user/execution/script/01/events.jsonl");
    const text = readFileSync(path, "utf8").split("\n");
    text.splice(2, 0, "garbage", '{"seq":1}', "\u0000\u0000");
    writeFileSync(path, `${text.slice(0, 6).join("\n")}\n{"seq":9,"ev`);
    expect(shown(await linesOf(await opened(played_), { job: "lint", streams: ["stdout"] }))).toStrictEqual([
      "lint 1 stdout: lint 1 try 1",
    ]);
  });

  test("readLog() follows a run that is over like one that it reads", async () => {
    const run = await opened(played());
    const read = await linesOf(run, {});
    expect(await linesOf(run, { follow: {} })).toStrictEqual(read);
    expect(await linesOf(run, { job: "build", tail: 2, follow: {} })).toStrictEqual(
      read.filter((line) => line.jobId === "build").slice(-2),
    );
  });

  test("readLog() follows another process's run through a retry, and gives each line once", async () => {
    const root = temporaryDirectory();
    const directory = join(root, ".loom/.runtime/logs/loom-run-local-7");
    mkdirSync(join(directory, "pipeline"), { recursive: true });
    writeFileSync(join(directory, "events.jsonl"), "");
    const writer = spawn(
      process.execPath,
      [join(import.meta.dirname, "../../test/write-live-run.ts"), directory],
      {
        stdio: ["ignore", "inherit", "inherit"],
      },
    );
    const exited = once(writer, "exit");
    await untilThere(join(directory, "jobs/build/user/execution/script/01/events.jsonl"));
    const lines = await linesOf(await opened({ directory }), {
      job: "build",
      follow: { isAlive: () => writer.exitCode === null },
    });
    const expected = [1, 2, 3].flatMap((attempt) =>
      Array.from({ length: 400 }, (_, index) => `${attempt}.${index}`),
    );
    // Where the attempt changes, the first lines of the next one may be found before the last of the one before.
    expect(lines.map((line) => line.text).toSorted()).toStrictEqual(expected.toSorted());
    expect((await exited)[0]).toBe(0);
    expect(rulesBrokenByStreams(directory), "what the writer breaks").toStrictEqual([]);
  });

  test("readLog() stops following when the run's process is gone, with all its lines", async () => {
    const { directory } = playOnDisk(temporaryDirectory(), {
      graph: GRAPH,
      step: () => ({ ms: 500, stdout: ["hello"] }),
      dieAtMs: 100,
    });
    const lines = await linesOf(await opened({ directory }), {
      follow: { isAlive: () => false, pollMs: 5 },
      streams: ["stdout"],
    });
    expect(shown(lines)).toStrictEqual(["build 1 stdout: hello", "lint 1 stdout: hello"]);
  });

  test("readLog() stops following when it is told to", async () => {
    const { directory } = playOnDisk(temporaryDirectory(), {
      graph: GRAPH,
      step: () => ({ ms: 500, stdout: ["hello"] }),
      dieAtMs: 100,
    });
    const controller = new AbortController();
    const log = await readLog(await opened({ directory }), {
      follow: { signal: controller.signal },
      streams: ["stdout"],
    });
    const texts: string[] = [];
    for await (const line of log.ok ? log.value : []) {
      texts.push(line.text);
      if (texts.length === 2) controller.abort();
    }
    expect(texts).toStrictEqual(["hello", "hello"]);
  });

  test("readLog() follows a file, not a path: a step that was moved away is neither lost nor read again", async () => {
    const { directory } = playOnDisk(temporaryDirectory(), {
      graph: GRAPH,
      step: () => ({ ms: 500, stdout: ["first"] }),
      dieAtMs: 100,
    });
    const step = join(directory, "jobs/build/user/execution/script");
    const log = await readLog(await opened({ directory }), { job: "build", follow: {}, streams: ["stdout"] });
    const texts: string[] = [];
    const line = (seq: number, text: string): string =>
      `${JSON.stringify({ seq, ts: "x", event: "output", stream: "stdout", text })}\n`;
    for await (const { text } of log.ok ? log.value : []) {
      texts.push(text);
      if (text === "first") {
        appendFileSync(join(step, "01/events.jsonl"), line(500, "last words"));
        mkdirSync(join(directory, "jobs/build/user/execution/attempts/1"), { recursive: true });
        renameSync(step, join(directory, "jobs/build/user/execution/attempts/1/script"));
        mkdirSync(join(step, "01"), { recursive: true });
        writeFileSync(join(step, "01/events.jsonl"), line(501, "again"));
      }
      if (text === "again") break;
    }
    expect(texts).toStrictEqual(["first", "last words", "again"]);
  });
});

/** Looks until a file is there. */
async function untilThere(path: string): Promise<void> {
  for (;;) {
    try {
      if (readFileSync(path, "utf8").includes("\n")) return;
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The rules of the lifecycle contract that streams without documents break. */
function rulesBrokenByStreams(directory: string): readonly string[] {
  const validator = createPhaseValidator();
  for (const path of readdirSync(directory, { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith("events.jsonl")) continue;
    const stream = createStreamReader(validator, path);
    stream.chunk(readFileSync(join(directory, path)));
    stream.end();
  }
  return brokenRules(validator.report("2030-01-01T00:00:00.000Z"));
}

test("readLog() tells a run whose step was tried again from there on: what is kept is told once", async () => {
  const run = await opened(
    playOnDisk(temporaryDirectory(), {
      graph: graphOf([{ id: "build", script: ["one", "two", "three"] }]),
      pauseTimeoutMs: 1000,
      step: (_job, step, attempt) => ({
        stdout: [`${step}, attempt ${attempt}`],
        end: { kind: "exited", exitCode: step === 2 && attempt === 1 ? 1 : 0 },
      }),
      resume: () => "retry_step",
    }),
  );
  const lines = shown(await linesOf(run, {}));
  expect(lines.filter((line) => line.includes("stdout"))).toEqual([
    "build 1#1 stdout: 1, attempt 1",
    "build 2#1 stdout: 2, attempt 1",
    "build 2 stdout: 2, attempt 2",
    "build 3 stdout: 3, attempt 2",
  ]);
  const manifest = await run.jobManifest(jobId("build"));
  expect(manifest.ok && manifest.value.steps).toMatchObject([
    {
      step: 1,
      status: "success",
      kept_from_attempt: 1,
      events_path: "jobs/build/user/execution/attempts/1/script/01/events.jsonl",
    },
    { step: 2, status: "success", events_path: "jobs/build/user/execution/script/02/events.jsonl" },
    { step: 3, status: "success" },
  ]);
});
