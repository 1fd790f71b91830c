import { relative } from "node:path";
import { ok, type Result } from "@loom/core";
import type { DiagnosisSchemas } from "@loom/diagnosis/schemas";
import { cacheHome } from "@loom/system";
import * as z from "zod";
import type { ToolFinding, Refusal } from "../answer/answer.ts";
import type { McpServerOptions } from "../mcp-server-options.ts";
import type { ToolHost } from "../tool-host.ts";
import { WORKFLOW } from "./workflow-argument.ts";

const STATUS = z.enum(["success", "failure"]);

/** Adds the tools that need no run: loom_version, loom_validate, loom_compile, loom_plan. */
export function addWorkflowTools(
  host: ToolHost,
  schemas: DiagnosisSchemas,
  { env, loomVersion }: McpServerOptions,
): void {
  host.add(
    {
      name: "loom_version",
      description: "The version of Loom.",
      input: {},
      output: z.object({ version: z.string() }),
    },
    () => ok({ data: { version: loomVersion }, lines: [`loom ${loomVersion}`] }),
  );

  host.add(
    {
      name: "loom_validate",
      description:
        "Checks the workflow without running it. status is success or failure; each problem has its file, line and what to do.",
      input: {
        workflow_path: WORKFLOW,
        strict: z.boolean().optional().describe("Whether a warning fails the check, too"),
      },
      output: z.object({
        status: STATUS,
        exit_code: z.int(),
        receipt_path: z.string().nullable(),
        receipt_json: z.looseObject({}).nullable(),
        problems: z.array(schemas.problem),
      }),
      readOnly: false,
    },
    async ({ workflow_path: path, strict }, workspace): Promise<Result<ToolFinding, Refusal>> => {
      const { checkAt, describeProblems, findWorkflowIn, problemAsJson } =
        await import("../parts/compile.ts");
      const evidence = workspace.evidence();
      if (!evidence.ok) return evidence;
      const location = findWorkflowIn(workspace, path);
      if (!location.ok) return location;
      const checked = await checkAt(location.value, {
        cwd: workspace.root,
        cacheHome: cacheHome(env),
        strict,
        command: ["loom", "mcp", "loom_validate"],
        loomVersion,
      });
      const { valid, found, receipt, receiptPath, receiptError } = checked;
      const shown = relative(workspace.root, location.value.workflowPath);
      return ok({
        data: {
          status: receipt.status,
          exit_code: receipt.exit_code,
          receipt_path: receiptPath ?? null,
          receipt_json: receiptPath === undefined ? null : receipt,
          problems: found.map(problemAsJson),
        },
        lines: [
          valid ? `${shown} is valid` : `${shown} is invalid`,
          ...(receiptError === undefined ? [] : [`Cannot write the receipt: ${receiptError}`]),
          ...(found.length > 0 ? [describeProblems(found)] : []),
        ],
      });
    },
  );

  host.add(
    {
      name: "loom_compile",
      description: "Compiles the workflow to its graph: jobs, needs, variables. Runs nothing.",
      input: { workflow_path: WORKFLOW },
      output: z.object({
        status: STATUS,
        workflow_path: z.string(),
        graph_ir: z.looseObject({}).nullable(),
        problems: z.array(schemas.problem),
      }),
    },
    async ({ workflow_path: path }, workspace): Promise<Result<ToolFinding, Refusal>> => {
      const { compileAt, describeProblems, findWorkflowIn, problemAsJson, problemsFromHere } =
        await import("../parts/compile.ts");
      const location = findWorkflowIn(workspace, path);
      if (!location.ok) return location;
      const { workflowPath } = location.value;
      const shown = relative(workspace.root, workflowPath);
      const compiled = compileAt(location.value, shown);
      const problems = problemsFromHere(compiled.ok ? compiled.value.warnings : compiled.error, {
        cwd: workspace.root,
        location: location.value,
      });
      const graph = compiled.ok ? compiled.value.graph : null;
      return ok({
        data: {
          status: compiled.ok ? "success" : "failure",
          workflow_path: workflowPath,
          graph_ir: graph,
          problems: problems.map(problemAsJson),
        },
        lines: [
          graph === null ? `${shown} is invalid` : `${shown} has ${graph.nodes.length} jobs`,
          ...(problems.length > 0 ? [describeProblems(problems)] : []),
          ...(graph?.nodes ?? []).map(({ id, stage }) => `${stage}: ${id}`),
        ],
      });
    },
  );

  host.add(
    {
      name: "loom_plan",
      description: "Says what a run would do: which jobs, in which order, for how long. Runs nothing.",
      input: {
        workflow_path: WORKFLOW,
        jobs: z.array(z.string()).optional().describe("Only these jobs and what they need"),
        variables: z.record(z.string(), z.string()).optional(),
        retry_failed: z
          .string()
          .optional()
          .describe("A run, such as last: jobs that succeeded there keep their result"),
        in_place: z.boolean().optional().describe("Whether jobs work in the checkout, not in a snapshot"),
      },
      output: schemas.plan,
    },
    async (args, workspace): Promise<Result<ToolFinding, Refusal>> => {
      const { findRun, findWorkflowIn, planData, planLines, planWorkflow } = await import("../parts/plan.ts");
      const location = findWorkflowIn(workspace, args.workflow_path);
      if (!location.ok) return location;
      const retry =
        args.retry_failed === undefined ? ok(undefined) : await findRun(workspace, args.retry_failed);
      if (!retry.ok) return retry;
      const planned = await planWorkflow({
        cwd: workspace.root,
        workflow: location.value.workflowPath,
        jobs: args.jobs,
        variables: args.variables,
        retry: retry.value,
        workspace: args.in_place === true ? "in-place" : "isolated",
        env,
      });
      if (!planned.ok) return planned;
      const plan = planned.value;
      const lines = planLines(plan.report, {
        leftOut: plan.runs ? "left out by jobs" : "left out by workflow.rules",
        keptFrom: (id) => plan.kept.get(id),
        factsOf: () => [],
      });
      return ok({ data: planData(plan), lines: [...plan.notes, ...lines] });
    },
  );
}
