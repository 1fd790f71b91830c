import { formatDuration, type JobId } from "@loom/core";
import { cleanLine } from "@loom/reporters/view";

/** One line of a log as it is shown. */
export interface ScreenLine {
  /** Index in its source, from 0. */
  readonly row: number;
  /** RFC 3339, as recorded; empty where lines have no time. */
  readonly ts: string;
  /** `sys`: a message of Loom's own; `cmd`: a command, or the heading of an attempt. */
  readonly stream: "out" | "err" | "sys" | "cmd";
  /** As printed: clean it before showing it. */
  readonly text: string;
  /** The job that printed it; absent where all lines are of the same one. */
  readonly job?: JobId;
}

/** Facts of a `log` record are cut to this many characters. */
const FACT_CHARACTERS = 160;

/** Decodes one record of a stream. A text that is not a record is shown as it is. */
export function decodeLogLine(row: number, json: string): ScreenLine {
  const record = parse(json);
  if (record === undefined) return { row, ts: "", stream: "sys", text: json };
  const ts = textOf(record["ts"]);
  switch (record["event"]) {
    case "output":
      return { row, ts, stream: record["stream"] === "stderr" ? "err" : "out", text: textOf(record["text"]) };
    case "command":
      return { row, ts, stream: "cmd", text: textOf(record["text"]) };
    case "phase_start":
      return { row, ts, stream: "sys", text: `started  ${nameOf(record)}` };
    case "phase_finish":
      return { row, ts, stream: "sys", text: finishText(record) };
    case "log": {
      const { seq: _seq, ts: _ts, event: _event, level, message, ...facts } = record;
      const named = Object.entries(facts).map(([name, value]) => `${name}=${factText(value)}`);
      const words = level === "info" || level === "debug" ? [] : [textOf(level)];
      return { row, ts, stream: "sys", text: [...words, textOf(message), ...named].join("  ") };
    }
    default:
      return { row, ts, stream: "sys", text: json };
  }
}

function finishText(record: Record<string, unknown>): string {
  const parts = [`finished  ${nameOf(record)}`, textOf(record["status"])];
  if (typeof record["exit_code"] === "number") parts.push(`exit ${record["exit_code"]}`);
  if (typeof record["signal"] === "string") parts.push(record["signal"]);
  if (typeof record["duration_ms"] === "number") parts.push(formatDuration(record["duration_ms"]));
  const { error } = record;
  if (isObject(error) && error["code"] !== "exit_code") parts.push(textOf(error["message"]));
  return parts.join("  ");
}

function nameOf(record: Record<string, unknown>): string {
  const { step, section, phase_code: phase } = record;
  if (typeof step === "number") return `step ${String(step).padStart(2, "0")}`;
  return textOf(section ?? phase);
}

function factText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return cleanLine(text, { color: false, maxCharacters: FACT_CHARACTERS });
}

function parse(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
