import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { readRecords } from "@loom/artifacts";
import { epochMs, err, ok, type Result } from "@loom/core";
import { chromeTrace, openPastRun, type OpenedRun } from "@loom/diagnosis";
import { readReport, renderHtml } from "@loom/html-report";
import { loadInstalled } from "@loom/system";
import { notWritten } from "../write-workflow.ts";
import { EXIT_CODE } from "../exit-code.ts";
import type { ProcessIo } from "../process-io.ts";
import { STDOUT_PATH } from "../stdout-path.ts";

/** The files that `loom report` can write, by the flag that names each; `-` is the standard output. */
interface ReportFiles {
  /** What took how long, for tools that draw traces. */
  readonly trace?: string;
  /** A page to be read. */
  readonly html?: string;
}

/** The flags of `loom report`. */
export interface ReportFlags extends ReportFiles {
  /** `false`: the page has no logs. */
  readonly logs?: boolean;
}

/** Makes the text of a report. */
type MakeReport = (
  opened: OpenedRun,
  flags: ReportFlags,
  env: ProcessIo["env"],
) => Promise<Result<string, { readonly message: string }>>;

const REPORTS: { readonly [K in keyof Required<ReportFiles>]: MakeReport } = {
  trace: makeTrace,
  html: makeHtml,
};

/**
 * Writes reports about a past run, or about what there is so far of one that goes on.
 *
 * @param name - As for `openPastRun`. Default: the last run.
 * @returns 0; 1 when one cannot be made or written; 2 when there is no such run, or none is asked for.
 */
export async function reportCommand(
  name: string | undefined,
  flags: ReportFlags,
  { stdout, stderr, cwd, env }: ProcessIo,
): Promise<number> {
  const kinds = (Object.keys(REPORTS) as (keyof ReportFiles)[]).filter((kind) => flags[kind] !== undefined);
  if (kinds.length === 0) {
    stderr.write("loom: Cannot write a report: say which and where with --html FILE or --trace FILE\n");
    return EXIT_CODE.usage;
  }
  if (kinds.filter((kind) => flags[kind] === STDOUT_PATH).length > 1) {
    stderr.write("loom: Cannot print two reports at once: give one of them the name of a file\n");
    return EXIT_CODE.usage;
  }
  const opened = await openPastRun(name ?? "last", cwd);
  if (!opened.ok) {
    stderr.write(`loom: ${opened.error.message}\n`);
    return EXIT_CODE.usage;
  }
  for (const kind of kinds) {
    const file = flags[kind] ?? "";
    const text = await REPORTS[kind](opened.value, flags, env);
    if (text.ok && file === STDOUT_PATH) {
      stdout.write(text.value);
      continue;
    }
    const written = text.ok ? write(resolve(cwd, file), file, text.value) : text;
    if (!written.ok) {
      stderr.write(`loom: ${written.error.message}\n`);
      return EXIT_CODE.failure;
    }
  }
  return EXIT_CODE.success;
}

async function makeTrace({ run }: OpenedRun): Promise<Result<string, { readonly message: string }>> {
  const records = await readRecords(run);
  if (!records.ok) return records;
  const trace = chromeTrace(run.runId, records.value);
  if (trace === undefined)
    return err({ message: `Cannot make a trace of "${run.runId}": its records tell of nothing that began` });
  return ok(`${JSON.stringify(trace)}\n`);
}

async function makeHtml(
  opened: OpenedRun,
  { logs }: ReportFlags,
  env: ProcessIo["env"],
): Promise<Result<string, { readonly message: string }>> {
  const page = await loadInstalled(async () => import("@loom/html-report/page-bundle"));
  if (!page.ok) return err({ message: `Cannot make a page: ${page.error}` });
  const report = await readReport(opened, {
    nowMs: epochMs(Date.now()),
    env,
    withoutLogs: logs === false,
  });
  return report.ok ? ok(renderHtml(report.value, await page.value.loadPage())) : report;
}

/** In place, as the file may be a pipe. */
function write(path: string, shown: string, text: string): Result<undefined, { readonly message: string }> {
  try {
    writeFileSync(path, text);
    return ok(undefined);
  } catch (cause) {
    return err(notWritten(shown, cause));
  }
}
