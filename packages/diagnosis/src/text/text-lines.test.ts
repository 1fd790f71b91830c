import { openRun } from "@loom/artifacts";
import { jobId, planRun } from "@loom/core";
import { graphOf, temporaryDirectory } from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { playOnDisk } from "../../test/play-on-disk.ts";
import { explainRun } from "../explain/explain-run.ts";
import { planReport } from "../time/plan-report.ts";
import { readTimeline } from "../time/read-timeline.ts";
import { timeReport } from "../time/time-report.ts";
import { explanationLines } from "./explanation-lines.ts";
import { planLines } from "./plan-lines.ts";
import { timeLines } from "./time-lines.ts";

const GRAPH = graphOf([
  { id: "build", stage: "build", script: ["make"] },
  { id: "docs", stage: "build", allow_failure: true },
  { id: "lint", stage: "build" },
  { id: "unit", needs: ["build"] },
  { id: "report", when: "on_failure" },
]);

async function failingRun(): Promise<Extract<Awaited<ReturnType<typeof openRun>>, { ok: true }>["value"]> {
  const { directory } = playOnDisk(temporaryDirectory(), {
    graph: GRAPH,
    step: (job) =>
      job === "build"
        ? {
            ms: 1500,
            stderr: [
              "a.c:3:15: error: expected ‘;’",
              "    3 |   int x",
              "make: *** [Makefile:4: a.o] Error 1",
            ],
            end: { kind: "exited", exitCode: 2 },
          }
        : job === "docs"
          ? { ms: 700, end: { kind: "exited", exitCode: 1 } }
          : { ms: 900 },
  });
  const run = await openRun(directory);
  if (!run.ok) throw new Error(run.error.message);
  return run.value;
}

describe("explanationLines()", () => {
  test("explanationLines() wraps what is longer than a terminal, and cuts nothing", async () => {
    const explanation = await explainRun(await failingRun());
    if (!explanation.ok) throw new Error(explanation.error.message);
    const message =
      "Cannot find module '/home/me/project/node_modules/left-pad/index.js' that src/a.ts asks for";
    const long = { ...explanation.value, lines: [message, "x".repeat(100)], errors: [] };
    expect(explanationLines(long)).toEqual(expect.arrayContaining([`  ${message}`, `  ${"x".repeat(100)}`]));
    const narrow = explanationLines(long, { width: 40, runDir: "run" });
    const output = narrow.slice(narrow.indexOf("output:") + 1, narrow.indexOf("blocked: unit") - 1);
    expect(output).toEqual([
      "  Cannot find module",
      "    '/home/me/project/node_modules/left-",
      "    pad/index.js' that src/a.ts asks for",
      `  ${"x".repeat(38)}`,
      `    ${"x".repeat(36)}`,
      `    ${"x".repeat(26)}`,
    ]);
  });

  test("explanationLines() tells the sentence, the errors, the lines, and what to do", async () => {
    const explanation = await explainRun(await failingRun());
    const paint = { paint: (tone: string, text: string): string => (tone === "failed" ? `<${text}>` : text) };
    const lines = explanation.ok
      ? explanationLines(explanation.value, { paint, width: 60, runDir: "run" })
      : [];
    expect(lines.join("\n")).toMatchInlineSnapshot(`
      "<failure>  Job "build" failed in step 1 of 1 (make): it exited with code 2

      errors:
        a.c:3:15 expected ‘;’ (gcc)

      output:
        a.c:3:15: error: expected ‘;’
            3 |   int x

      blocked: unit

      also failed:
        docs › 01 true (exit 1, allowed)

      open:
        run/jobs/build/user/execution/script/01/events.jsonl
        run/jobs/build/manifest.json
        run/pipeline/manifest.json

      next:
        loom logs loom-run-local-1 build 1
        loom run --job build
        loom run --retry-failed loom-run-local-1"
    `);
  });
});

describe("timeLines()", () => {
  test("timeLines() tells the critical path, the waits and what would be faster", async () => {
    const timeline = await readTimeline(await failingRun());
    expect(timeline.ok ? timeLines(timeReport(timeline.value)).join("\n") : "").toMatchInlineSnapshot(`
      "time: 2.5 s for 4.0 s of work; 2 of 2 slots used at once, 80 % of their time
      critical path: docs 702 ms → lint 902 ms → report 902 ms
      waited: lint 702 ms for a free slot
      could be: 2.4 s with 4 slots, 102 ms less"
    `);
  });
});

describe("planLines()", () => {
  test("planLines() tells stages, order and estimate", () => {
    const plan = planRun(GRAPH, { concurrency: 2 });
    const durations = new Map([
      [jobId("build"), 1500],
      [jobId("lint"), 900],
    ]);
    expect(planLines(planReport(plan, durations)).join("\n")).toMatchInlineSnapshot(`
      "build
        1 build  (takes 1.5 s; 0 ms to 1.5 s; critical)
        2 docs  (may fail; time unknown; 0 ms to 1.2 s)
        3 lint  (takes 900 ms; 1.2 s to 2.1 s)
      test, after build
        4 unit  (needs build; time unknown; 2.1 s to 3.3 s; critical)
        - report  (only on failure; time unknown)

      order: build, docs, lint, unit
      critical path: build → unit
      at once: 2 of 2 slots
      estimate: 3.3 s with 2 slots, 2.7 s without a limit; 2 jobs are guessed"
    `);
    expect(planLines(planReport(plan, new Map())).at(-1)).toBe(
      "estimate: unknown, no duration is known from an earlier run",
    );
  });
});
