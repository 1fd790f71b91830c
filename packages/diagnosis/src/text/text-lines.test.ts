import { openRun } from "@loom/artifacts";
import { jobId, planRun } from "@loom/core";
import { describe, expect, test } from "vitest";
import { graphOf } from "../../test/graph-of.ts";
import { playRun } from "../../test/play-run.ts";
import { temporaryDirectory } from "../../test/temporary-directory.ts";
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
  const { directory } = playRun(temporaryDirectory(), {
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
  test("explanationLines() tells the sentence, the errors, the lines, and what to do", async () => {
    const explanation = await explainRun(await failingRun());
    const paint = { paint: (tone: string, text: string): string => (tone === "failed" ? `<${text}>` : text) };
    const lines = explanation.ok
      ? explanationLines(explanation.value, { paint, width: 60, runDir: "run" })
      : [];
    expect(lines.join("\n")).toMatchInlineSnapshot();
  });
});

describe("timeLines()", () => {
  test("timeLines() tells the critical path, the waits and what would be faster", async () => {
    const timeline = await readTimeline(await failingRun());
    expect(timeline.ok ? timeLines(timeReport(timeline.value)).join("\n") : "").toMatchInlineSnapshot();
  });
});

describe("planLines()", () => {
  test("planLines() tells stages, order and estimate", () => {
    const plan = planRun(GRAPH, { concurrency: 2 });
    const durations = new Map([
      [jobId("build"), 1500],
      [jobId("lint"), 900],
    ]);
    expect(planLines(planReport(plan, durations)).join("\n")).toMatchInlineSnapshot();
    expect(planLines(planReport(plan, new Map())).at(-1)).toBe(
      "estimate: none, no duration is known from an earlier run",
    );
  });
});
