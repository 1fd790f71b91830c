import { type GraphIr, type RunResult, jobId } from "@loom/core";
import { graphOf } from "./graph-of.ts";
import { graphNode, type PlayedRun } from "./played-run.ts";

/** The workflow of the failing run: four stages, nine jobs. */
export const FAILING_GRAPH: GraphIr = graphOf([
  graphNode("install", "prepare"),
  graphNode("lint", "check", { script: ["pnpm install", "pnpm lint"] }),
  graphNode("format", "check"),
  graphNode("typecheck", "check"),
  graphNode("unit", "test"),
  graphNode("integration", "test"),
  graphNode("audit", "test", { when: "on_failure" }),
  graphNode("docs", "package", { allow_failure: true, when: "always" }),
  graphNode("image", "package"),
]);

/** How the failing run ends. */
export const FAILING_OUTCOME: RunResult = {
  status: "failure",
  exitCode: 1,
  error: { code: "exit_code", message: "Step 2 exited with code 1", jobId: jobId("lint") },
  failedJobIds: [jobId("lint")],
};

/** Plays a run in which `lint` fails, `docs` runs all the same and may fail, and the rest is what comes of it. */
export function playFailure(run: PlayedRun): void {
  run.begins(FAILING_GRAPH);
  run.runs("install", 21_000, ["added 312 packages"]);
  run.starts("lint");
  run.stepStarts("lint", 1);
  run.wait(9_000);
  run.stepEnds("lint", 1);
  run.stepStarts("lint", 2);
  run.runs("format", 400);
  run.prints("lint", 2, [
    "packages/core/src/plan.ts",
    "  41:7  \u001B[31merror\u001B[39m  Promises must be awaited  no-floating-promises",
    "\u001B]0;owned\u0007  88:1  error  'n' is never reassigned  prefer-const",
  ]);
  run.prints("lint", 2, ["✗ 3 problems"], { stream: "stderr" });
  run.wait(10_000);
  run.stepEnds("lint", 2, FAILED);
  run.executionEnds("lint", FAILED);
  run.settles("lint", "failed", "exit_code");
  run.runs("typecheck", 41_000);
  run.skips("unit", "stage_blocked", ["lint"]);
  run.skips("integration", "upstream_failed", ["lint"]);
  run.runs("audit", 1_500);
  run.runs("docs", 2_000, ["no such page"], {
    signal: "SIGSEGV",
    error: { code: "signal", message: "Step 1 was ended by SIGSEGV" },
  });
  run.skips("image", "stage_blocked", ["lint"]);
  run.ends("failed");
}

const FAILED = { exitCode: 1, error: { code: "exit_code" as const, message: "Step 2 exited with code 1" } };
