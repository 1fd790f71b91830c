import { err, ok, PAUSE_TIMEOUT_MS, unreachable, type Result } from "@loom/core";
import type { DiagnosisSchemas } from "@loom/diagnosis/schemas";
import * as z from "zod";
import type { Refusal, ToolFinding } from "../answer/answer.ts";
import type { ToolHost } from "../tool-host.ts";

/** What a run under way can be asked. */
const ACTIONS = ["state", "cancel", "cancel_job", "play", "pause", "retry_step", "continue"] as const;

/** Adds loom_ctl. */
export function addCtlTool(host: ToolHost, schemas: DiagnosisSchemas): void {
  host.add(
    {
      name: "loom_ctl",
      description:
        "Asks something of a run under way, also of one in the background or in a terminal: what each job is at (state), to stop (cancel), to stop one job (cancel_job), which has failed then, to run a manual job that waits to be asked for (play), to hold jobs that fail from now on (pause), or, where a failure holds its job, to try that step again (retry_step) or let the job fail (continue). Answers with the state after it; a run that stops takes a moment to close.",
      input: {
        run_id: z
          .string()
          .default("last")
          .describe("A run: its id or the beginning of it, last, or a path inside workspace_root"),
        action: z.enum(ACTIONS).default("state"),
        job: z.string().optional().describe("The job of any action but state, cancel and pause"),
      },
      output: z.object({
        run_id: z.string(),
        action: z.enum(ACTIONS),
        state: schemas.runState,
      }),
      readOnly: false,
    },
    async ({ run_id: name, action, job }, workspace): Promise<Result<ToolFinding, Refusal>> => {
      const { createPalette, liveState, openRunIn, requestAction, stateLines } =
        await import("../parts/live.ts");
      const opened = await openRunIn(workspace, name);
      if (!opened.ok) return opened;
      const { run, isAlive } = opened.value;
      if (!isAlive())
        return err({
          message: `Run "${run.runId}" is over: only a run that goes on can be asked. loom_explain says how it ended`,
        });
      switch (action) {
        case "state":
          break;
        case "cancel": {
          const refusal = await requestAction(run.directory, { request: "cancel" });
          if (refusal !== undefined) return err(refusal);
          break;
        }
        case "pause": {
          const action = { request: "pause", timeout_ms: PAUSE_TIMEOUT_MS } as const;
          const refusal = await requestAction(run.directory, action);
          if (refusal !== undefined) return err(refusal);
          break;
        }
        case "cancel_job":
        case "play":
        case "retry_step":
        case "continue": {
          if (job === undefined) return err({ message: `${action} needs job: which one` });
          const refusal = await requestAction(run.directory, { request: action, job_id: job });
          if (refusal !== undefined) return err(refusal);
          break;
        }
        default:
          return unreachable(action);
      }
      const state = await liveState(run);
      const place = { runId: run.runId, directory: run.directory, nowMs: Date.now() };
      return ok({
        data: { run_id: run.runId, action, state },
        lines: stateLines(state, place, createPalette("none")),
      });
    },
  );
}
