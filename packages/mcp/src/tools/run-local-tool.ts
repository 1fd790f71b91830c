import { RUN_STATUSES, type Result } from "@loom/core";
import type { DiagnosisSchemas } from "@loom/diagnosis/schemas";
import * as z from "zod";
import type { Refusal, ToolFinding } from "../answer/answer.ts";
import type { McpServerOptions } from "../mcp-server-options.ts";
import type { ToolHost } from "../tool-host.ts";
import { RUN_ARGUMENTS } from "./run-arguments.ts";

/** Adds loom_run_local. */
export function addRunLocalTool(host: ToolHost, schemas: DiagnosisSchemas, options: McpServerOptions): void {
  host.add(
    {
      name: "loom_run_local",
      description:
        "Runs the workflow and says how it came out: each failed job with its errors, the lines that matter, and the commands to run next. Cancelling the call cancels the run. With background it answers at once, and loom_explain says later how it came out.",
      input: RUN_ARGUMENTS,
      output: z.object({
        status: z.enum([...RUN_STATUSES, "running"]),
        exit_code: z.int().nullable().describe("null while it runs"),
        run_id: z.string(),
        receipt_path: z
          .string()
          .nullable()
          .describe("Where the receipt is; of a running one, where it will be"),
        failures: z.array(schemas.job).describe("The jobs that failed, 10 at most"),
        failures_total: z.int(),
        explanation: schemas.explanation.nullable().describe("Why the run did not succeed"),
        next: z.array(z.string()).describe("Commands to run next, in this order"),
        notes: z.array(z.string()),
      }),
      readOnly: false,
    },
    async (args, workspace, call): Promise<Result<ToolFinding, Refusal>> => {
      const { runLocal } = await import("../parts/run.ts");
      return await runLocal(args, { workspace, call, options });
    },
  );
}
