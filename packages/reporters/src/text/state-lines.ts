import { formatDuration, unreachable } from "@loom/core";
import { fromWireTime } from "@loom/record";
import type { JobStateRow, RunState } from "../view/run-state.ts";
import type { Palette, Tone } from "./palette.ts";

/** A run that goes on, as lines for people. */
export function stateLines(
  state: RunState,
  { runId, directory, nowMs }: { readonly runId: string; readonly directory: string; readonly nowMs: number },
  palette: Palette,
): readonly string[] {
  const { counts, started_at: startedAt, stages } = state;
  const rows = new Map(state.jobs.map((row) => [row.job_id, row]));
  const width = state.jobs.reduce((most, { job_id: id }) => Math.max(most, id.length), 0);
  const waiting = counts.pending + counts.ready;
  const parts = [
    `${counts.total - waiting - counts.running}/${counts.total} done`,
    `${counts.running} running`,
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
  ];
  const since = startedAt === undefined ? "" : ` ${formatDuration(nowMs - fromWireTime(startedAt))}`;
  const lines = [`${runId}  running${since}  ${parts.join(", ")}  ${directory}`];
  for (const { name, job_ids: ids } of stages) {
    lines.push(ids.length === 0 ? `${name} (no jobs)` : name);
    for (const id of ids) {
      const row = rows.get(id);
      if (row !== undefined) lines.push(`  ${rowLine(row, { width, nowMs }, palette)}`);
    }
  }
  return lines;
}

function rowLine(
  row: JobStateRow,
  { width, nowMs }: { readonly width: number; readonly nowMs: number },
  palette: Palette,
): string {
  const { status, started_at: from, finished_at: to } = row;
  const shown = row.kept_from !== undefined ? "kept" : row.paused !== undefined ? "held" : status;
  const word = palette.paint(toneOf(row), shown.padEnd("cancelled".length));
  const until = to === undefined ? nowMs : fromWireTime(to);
  const took = from === undefined ? "" : formatDuration(Math.max(0, until - fromWireTime(from)));
  return `${row.job_id.padEnd(width)}  ${word}  ${took.padStart(7)}  ${remark(row)}`.trimEnd();
}

function toneOf({ status, blocking, paused }: JobStateRow): Tone {
  if (paused !== undefined) return "cancelled";
  switch (status) {
    case "pending":
      return "waiting";
    case "ready":
      return "queued";
    case "failed":
      return blocking === false ? "allowed" : status;
    case "running":
    case "success":
    case "skipped":
    case "cancelled":
      return status;
    default:
      return unreachable(status);
  }
}

function remark(row: JobStateRow): string {
  const { status, step, command, section, phase, skip_reason: reason, blocked_by: blockedBy, paused } = row;
  if (paused !== undefined) {
    const until = paused.until === undefined ? "" : `, until ${paused.until}`;
    return `step ${paused.step} failed${until}: loom ctl retry-step ${row.job_id}, or continue ${row.job_id}`;
  }
  if (row.kept_from !== undefined) return `success in ${row.kept_from}`;
  if (reason !== undefined) {
    const words = reason.replaceAll("_", " ");
    return blockedBy === undefined ? words : `${words}: ${blockedBy.join(", ")}`;
  }
  const [first = ""] = (command ?? "").split("\n");
  const place = step === undefined ? (section ?? phase ?? "") : `step ${step}: ${first}`;
  const exit = row.exit_code === undefined ? "" : `exit ${row.exit_code}, `;
  return status === "failed" ? `${exit}${place}` : place;
}
