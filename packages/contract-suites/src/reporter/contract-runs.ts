import { type GraphIr, type RunResult } from "@loom/core";
import type { RunEnd } from "@loom/ports";
import { FAILING_OUTCOME, playFailure } from "../scripted/failing-run.ts";
import { graphOf } from "../scripted/graph-of.ts";
import { LOGS_DIR, RECEIPT_PATH, graphNode, type PlayedRun } from "../scripted/played-run.ts";

/** One run that every reporter can show. */
export interface ContractRun {
  readonly name: string;
  readonly play: (run: PlayedRun) => void;
  readonly end: RunEnd;
}

const UNREADABLE = { code: "git_refused" as const, message: "git does not answer for this repository" };

const FAILED = { exitCode: 1, error: { code: "exit_code" as const, message: "Step 1 exited with code 1" } };

/** A run in which much happens. */
export const FAILING_RUN: ContractRun = {
  name: "a run that fails",
  play: playFailure,
  end: endOf(FAILING_OUTCOME),
};

/** Runs of every kind, the shortest first. */
export const CONTRACT_RUNS: readonly ContractRun[] = [
  {
    name: "a run that could not be set up",
    play: (run) => {
      run.phaseStarts({ kind: "run" }, "run.bootstrap");
      run.phaseEnds({ kind: "run" }, "run.bootstrap", { error: UNREADABLE });
      run.phaseStarts({ kind: "run" }, "run.finalize");
      run.phaseEnds({ kind: "run" }, "run.finalize");
    },
    end: {
      outcome: { status: "failure", exitCode: 1, error: UNREADABLE, failedJobIds: [] },
      logsDir: LOGS_DIR,
    },
  },
  {
    name: "a run without jobs",
    play: (run) => {
      run.begins(graphOf([]));
      run.ends("success");
    },
    end: endOf({ status: "success", exitCode: 0, failedJobIds: [] }),
  },
  {
    name: "a run that succeeds at the second attempt",
    play: (run) => {
      run.begins(graphOf([graphNode("unit", "test")]));
      run.starts("unit");
      run.stepStarts("unit", 1);
      run.prints("unit", 1, ["not yet"]);
      run.stepEnds("unit", 1, FAILED);
      run.executionEnds("unit", FAILED);
      run.prepares("unit", 2);
      run.stepStarts("unit", 1);
      run.prints("unit", 1, ["now", "it does"], { stream: "stderr" });
      run.wait(2_000);
      run.stepEnds("unit", 1);
      run.executionEnds("unit");
      run.settles("unit", "success");
      run.ends("success");
    },
    end: endOf({ status: "success", exitCode: 0, failedJobIds: [] }),
  },
  {
    name: "a run that is cancelled",
    play: (run) => {
      run.begins(jobsOf(2));
      run.starts("job-0");
      run.stepStarts("job-0", 1);
      run.prints("job-0", 1, ["not whole"], { partial: true });
      run.wait(500);
      run.stepEnds("job-0", 1, { signal: "SIGTERM", status: "cancelled" });
      run.executionEnds("job-0", { signal: "SIGTERM", status: "cancelled" });
      run.settles("job-0", "cancelled");
      run.cancels("job-1");
      run.ends("cancelled");
    },
    end: endOf({ status: "cancelled", exitCode: 143, failedJobIds: [] }),
  },
  FAILING_RUN,
];

/** A workflow of so many jobs: `job-0`, `job-1` and so on. */
function jobsOf(count: number): GraphIr {
  return graphOf(Array.from({ length: count }, (_, index) => graphNode(`job-${index}`, "all")));
}

function endOf(outcome: RunResult): RunEnd {
  return { outcome, receiptPath: RECEIPT_PATH, logsDir: LOGS_DIR };
}
