import { readFileSync, statSync } from "node:fs";
import { err, ok, PAST_RUN_STATUSES, type Result } from "@loom/core";
import type { LogLine } from "@loom/diagnosis";
import type { DiagnosisSchemas } from "@loom/diagnosis/schemas";
import * as z from "zod";
import type { ToolFinding, Refusal } from "../answer/answer.ts";
import type { McpServerOptions } from "../mcp-server-options.ts";
import type { ToolHost } from "../tool-host.ts";
import { readSelector } from "./read-selector.ts";

const RUN = z
  .string()
  .default("last")
  .describe(
    "A run: its id or the beginning of it, last, last~1, last-failed, or a path inside workspace_root",
  );

/** Lines of a log that are given at most, where nothing is said. */
const LINES = 200;

/** Lines of a log that may be asked for at a time. */
const MAX_LINES = 2000;

/** Violations that an answer lists; the rest is counted. */
const VIOLATIONS = 50;

/** A receipt is smaller: that of some tens of thousands of jobs. */
const MAX_RECEIPT_BYTES = 16 * 1024 * 1024;

/** Adds the tools that read runs: loom_read_receipt, loom_read_logs, loom_explain, loom_runs, loom_verify, loom_diff. */
export function addRunTools(host: ToolHost, schemas: DiagnosisSchemas, { env }: McpServerOptions): void {
  host.add(
    {
      name: "loom_read_receipt",
      description: "Reads the receipt of a run or of a check: how it ended, and where its evidence is.",
      input: { receipt_path: z.string().describe("Path of the receipt, inside workspace_root") },
      output: z.object({ receipt_path: z.string(), receipt_json: z.looseObject({}) }),
    },
    ({ receipt_path: path }, workspace): Result<ToolFinding, Refusal> => {
      const inside = workspace.inside(path);
      if (!inside.ok) return inside;
      const facts = statSync(inside.value);
      const receipt =
        facts.isFile() && facts.size <= MAX_RECEIPT_BYTES
          ? receiptIn(readFileSync(inside.value, "utf8"))
          : undefined;
      if (receipt === undefined) {
        const message = `Cannot read receipt "${path}": it is no receipt of Loom. loom_runs says where they are`;
        return err({ message });
      }
      const head = ["status", "exit_code", "error", "run_id", "workflow_path", "logs_dir", "duration_ms"];
      const lines = head
        .filter((key) => receipt[key] !== undefined)
        .map((key) => `${key}: ${String(receipt[key])}`);
      return ok({ data: { receipt_path: inside.value, receipt_json: receipt }, lines });
    },
  );

  host.add(
    {
      name: "loom_read_logs",
      description:
        "Reads what a run printed. selector: job, job/step (a number, from 1) or job/system/section. Without from, the last lines (tail, else limit); with from, limit lines from there on: next_from of the answer is the next from.",
      input: {
        run_id: RUN,
        selector: z.string().optional().describe("job, job/step or job/system/section. Default: all jobs"),
        tail: z.int().min(1).max(MAX_LINES).optional(),
        grep: z.string().optional().describe("Only lines that match this regular expression (RE2)"),
        from: z.int().min(1).optional().describe("Only lines of this seq or later"),
        limit: z.int().min(1).max(MAX_LINES).default(LINES).describe("How many lines at most"),
      },
      output: z.object({
        run_id: z.string(),
        lines: z.array(schemas.logLine),
        earlier: z
          .boolean()
          .describe("Whether lines before these were left out; from: 1 begins with the first"),
        next_from: z.int().nullable().describe("Where to go on; null when there is no more"),
      }),
    },
    async (args, workspace): Promise<Result<ToolFinding, Refusal>> => {
      const { cleanLine, compiledJobs, linePattern, logLineData, openRunIn, readLog } =
        await import("../parts/past-runs.ts");
      const opened = await openRunIn(workspace, args.run_id);
      if (!opened.ok) return opened;
      const { run } = opened.value;
      const grep = args.grep === undefined ? undefined : linePattern(args.grep);
      if (grep?.ok === false) return err({ message: `Cannot use the pattern of grep: ${grep.error}` });
      const place =
        args.selector === undefined
          ? {}
          : readSelector(
              args.selector,
              (await compiledJobs(run)).map(({ id }) => id),
            );
      // Where nothing says where to begin, what was printed last matters most.
      const tail = args.from === undefined ? (args.tail ?? args.limit) : undefined;
      const log = await readLog(run, {
        job: place.job,
        step: place.step,
        grep: grep?.value,
        // One more tells whether there are earlier ones. Of a section the lines are picked out below.
        ...(place.section === undefined && tail !== undefined && { tail: tail + 1 }),
      });
      if (!log.ok) return log;
      const lines: LogLine[] = [];
      let next: number | null = null;
      let earlier = false;
      for await (const line of log.value) {
        if (args.from !== undefined && line.seq < args.from) continue;
        if (place.section !== undefined && !isOf(line, place.section)) continue;
        lines.push(line);
        if (tail !== undefined && lines.length > tail) {
          lines.shift();
          earlier = true;
        }
        if (tail === undefined && lines.length > args.limit) {
          next = lines.pop()?.seq ?? null;
          break;
        }
      }
      const shown = lines.map((line) => {
        const job = place.job === undefined ? `${line.jobId} │ ` : "";
        return `${job}${cleanLine(line.text, { color: false })}`;
      });
      if (lines.length === 0) shown.push("No line is like that");
      if (earlier) shown.unshift("… earlier lines are left out; from: 1 begins with the first");
      if (next !== null) shown.push(`… more lines follow; from: ${next} goes on`);
      return ok({
        data: { run_id: run.runId, lines: lines.map(logLineData), earlier, next_from: next },
        lines: shown,
        keep: args.from === undefined ? "last" : "first",
      });
    },
  );

  host.add(
    {
      name: "loom_explain",
      description:
        "Says why a run ended as it did: the failed step, the errors with file and line, the lines that matter, what changed, what to do next. With job or all, why jobs ran, waited, were skipped or failed.",
      input: {
        run_id: RUN,
        job: z.string().optional().describe("Explains this job"),
        all: z.boolean().optional().describe("Explains every job that failed, 10 at most"),
      },
      output: z.object({
        run_id: z.string(),
        explanation: schemas.explanation.nullable().describe("Of the run; null when jobs were asked for"),
        jobs: z.array(schemas.job),
        failed_total: z.int().nullable(),
      }),
    },
    async ({ run_id: name, job, all }, workspace): Promise<Result<ToolFinding, Refusal>> => {
      const { explainedJobData, explainJobs, explainOpened, explanationLines, jobLines, openRunIn } =
        await import("../parts/past-runs.ts");
      const opened = await openRunIn(workspace, name);
      if (!opened.ok) return opened;
      const { run } = opened.value;
      if (job !== undefined || all === true) {
        const found = await explainJobs(opened.value, job === undefined ? "all failed" : { job }, env);
        if (!found.ok) return err({ message: withJobs(found.error) });
        const { jobs, failed } = found.value;
        return ok({
          data: {
            run_id: run.runId,
            explanation: null,
            jobs: jobs.map(explainedJobData),
            failed_total: failed,
          },
          lines: jobs.length === 0 ? ["No job failed"] : jobs.flatMap(jobLines),
        });
      }
      const explained = await explainOpened(opened.value, env);
      if (!explained.ok) return explained;
      return ok({
        data: { run_id: run.runId, explanation: explained.value, jobs: [], failed_total: null },
        lines: explanationLines(explained.value),
      });
    },
  );

  host.add(
    {
      name: "loom_runs",
      description: "Lists the runs of the project, the newest first.",
      input: {
        limit: z.int().min(1).max(1000).default(20),
        status: z.enum(PAST_RUN_STATUSES).optional().describe("Only those that stand so"),
        job: z.string().optional().describe("Only those in which this job failed"),
      },
      output: schemas.runs,
    },
    async ({ limit, status, job }, workspace): Promise<Result<ToolFinding, Refusal>> => {
      const { readPastRuns, runsData } = await import("../parts/past-runs.ts");
      const evidence = workspace.evidence();
      if (!evidence.ok) return evidence;
      const isFiltered = status !== undefined || job !== undefined;
      const read = evidence.value ? await readPastRuns(workspace.root, isFiltered ? {} : { limit }) : ok([]);
      if (!read.ok) return read;
      const runs = read.value
        .filter((run) => status === undefined || run.status === status)
        .filter(({ failedJobs }) => job === undefined || failedJobs.includes(job))
        .slice(0, limit);
      const data = runsData(runs);
      const lines = data.runs.map((run) =>
        [run.run_id, run.started_at, run.status, run.failing_job_id].filter(Boolean).join("  "),
      );
      return ok({ data, lines: lines.length > 0 ? lines : ["There are no such runs"] });
    },
  );

  host.add(
    {
      name: "loom_verify",
      description: "Checks the evidence of a run against its contract.",
      input: { run_id: RUN },
      output: z.object({
        run_id: z.string(),
        status: z.enum(["valid", "invalid"]),
        streams: z.object({ count: z.int(), events: z.int(), bytes: z.int() }),
        violations: z.array(
          z.looseObject({ code: z.string(), message: z.string(), stream_path: z.string() }),
        ),
        violations_total: z.int(),
      }),
    },
    async ({ run_id: name }, workspace): Promise<Result<ToolFinding, Refusal>> => {
      const { findRun, judgeRunDirectory } = await import("../parts/past-runs.ts");
      const directory = await findRun(workspace, name);
      if (!directory.ok) return directory;
      const judged = judgeRunDirectory(directory.value, { checkedAt: new Date().toISOString() });
      if (!judged.ok) return judged;
      const { run_id: runId, status, streams, violations } = judged.value;
      return ok({
        data: {
          run_id: runId,
          status,
          streams,
          violations: violations.slice(0, VIOLATIONS),
          violations_total: violations.length,
        },
        lines: [
          `${runId} is ${status}: ${streams.count} streams, ${streams.events} records, ${violations.length} violations`,
          ...violations.map((each) => `${each.stream_path}:${each.line} ${each.code} ${each.message}`),
        ],
      });
    },
  );

  host.add(
    {
      name: "loom_diff",
      description: "Says what differs between two runs: jobs, commits, files.",
      input: {
        before: z.string().default("last~1").describe("The earlier run, as run_id elsewhere"),
        after: z.string().default("last").describe("The later run"),
      },
      output: schemas.diff,
    },
    async (names, workspace): Promise<Result<ToolFinding, Refusal>> => {
      const { createGit, diffData, diffLines, diffRuns, openRunIn } = await import("../parts/past-runs.ts");
      const before = await openRunIn(workspace, names.before);
      if (!before.ok) return before;
      const after = await openRunIn(workspace, names.after);
      if (!after.ok) return after;
      const diff = await diffRuns(before.value.run, after.value.run, createGit(workspace.root, { env }));
      if (!diff.ok) return diff;
      return ok({ data: diffData(diff.value), lines: diffLines(diff.value, (text) => text) });
    },
  );
}

function receiptIn(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    const isReceipt =
      typeof value === "object" &&
      value !== null &&
      "kind" in value &&
      (value.kind === "loom-run-local" || value.kind === "loom-check");
    return isReceipt ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isOf({ unit }: LogLine, section: string): boolean {
  return unit.kind === "section" && unit.section === section;
}

function withJobs(error: { readonly message: string; readonly known?: readonly string[] }): string {
  return error.known === undefined
    ? error.message
    : `${error.message}. Its jobs are ${error.known.join(", ")}`;
}
