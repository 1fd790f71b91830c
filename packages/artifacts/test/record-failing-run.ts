import { createRunDirectory, type RunDirectory } from "../src/layout/create-run-directory.ts";
import { createRunRecorder } from "../src/write/run-recorder.ts";
import { FAILING_RESULT, playFailingRun } from "./failing-run.ts";
import { graphOf } from "@loom/testkit";
import { scriptRun } from "./script-run.ts";

/** Records the failing run, receipt included, in a repository. */
export function recordFailingRun(repoRoot: string, ns: bigint): RunDirectory {
  const created = createRunDirectory(repoRoot, ns);
  if (!created.ok) throw new Error(created.error.message);
  const { identity, directory, receiptPath } = created.value;
  const recorder = createRunRecorder({
    runDirectory: directory,
    identity,
    onFault: (fault) => {
      throw new Error(fault.message);
    },
  });
  playFailingRun(scriptRun(identity, recorder), recorder);
  recorder.writeReceipt(receiptPath, {
    schema_version: "v1",
    kind: "loom-run-local",
    loom_version: "0.0.0",
    command: ["loom", "run"],
    repo_root: repoRoot,
    workflow_path: `${repoRoot}/.loom/workflow.yml`,
    started_at: "2026-03-07T06:40:00.000Z",
    finished_at: "2026-03-07T06:40:03.000Z",
    duration_ms: 3_000,
    status: FAILING_RESULT.status,
    exit_code: FAILING_RESULT.exitCode,
    error: "Step 2 exited with code 3",
    run_id: identity.runId,
    logs_dir: directory,
    events_jsonl_path: `${directory}/events.jsonl`,
    phase_report_path: `${directory}/phase-report.json`,
    graph_ir: graphOf([]),
    executor_receipt: recorder.executorReceipt(2),
  });
  return created.value;
}
