import { PrintingReporter } from "@loom/reporters";
import { cleanLine } from "@loom/reporters/view";

const ENDED = new Set(["success", "failed", "cancelled", "skipped"]);

/** Prints a run as a table in Markdown, once it is over: for a comment on a change, or the summary page of a CI job. */
class MarkdownReporter extends PrintingReporter {
  #startedAt = new Map();
  #rows = [];

  record(_stream, record) {
    if (record.event !== "job_state") return;
    if (record.to === "running") this.#startedAt.set(record.job_id, record.ts);
    if (!ENDED.has(record.to)) return;
    const startedAt = this.#startedAt.get(record.job_id);
    const seconds =
      startedAt === undefined ? undefined : (Date.parse(record.ts) - Date.parse(startedAt)) / 1000;
    this.#rows.push([
      record.job_id,
      record.to,
      seconds?.toFixed(1) ?? "",
      record.blocked_by?.join(", ") ?? record.reason ?? "",
    ]);
  }

  lines() {}

  finish({ outcome, logsDir }) {
    this.print(`## ${outcome.status}\n\n| Job | Result | Seconds | Why |\n| --- | --- | --: | --- |\n`);
    for (const row of this.#rows) this.print(`| ${row.map(cell).join(" | ")} |\n`);
    if (outcome.error !== undefined) this.print(`\n${cell(outcome.error.message)}\n`);
    this.print(`\nEvidence: ${cell(logsDir)}\n`);
    this.flush();
  }
}

/** Text from outside, as part of one line: without what a terminal or Markdown would act on. */
function cell(text) {
  return cleanLine(text.replaceAll("\n", " "), { color: false }).replaceAll(/[\\|`*_<[]/g, "\\$&");
}

/** `loom run --reporter ./markdown.mjs` calls it. */
export function createReporter({ output }) {
  return new MarkdownReporter(output);
}
