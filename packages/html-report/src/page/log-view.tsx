import { stepTitle } from "@loom/core";
import type { JSX } from "preact";
import { useCallback, useMemo } from "preact/hooks";
import type { LogRun, ReportedJob } from "../report-data.ts";
import type { PackedJobLog, LogRow } from "./job-log.ts";
import { plainKey } from "./plain-key.ts";
import type { LogLooks } from "./use-log-looks.ts";
import { ROW, useSeenRows } from "./use-seen-rows.ts";

/** Width of a character of the log, about. Pixels; what is drawn is measured. */
const CHARACTER = 7.53;

/** Characters that the time of a line takes, with the room beside it. */
const TIME_CHARACTERS = 14;

/** What stands before a text beside its number and its time, and after it. Pixels. */
const BESIDE_TEXT = 36 + 5 * CHARACTER;

/** A text is not guessed to have fewer characters in a row, however narrow the view is. */
const LEAST_COLUMNS = 10;

/** The lines of a log. Only those that are seen are drawn. */
export function LogView({
  job,
  log,
  step,
  query,
  target,
  looks: { wrap, times },
  hrefOf,
}: {
  readonly job: ReportedJob;
  readonly log: PackedJobLog;
  readonly step: number | undefined;
  readonly query: string;
  /** The line to show, by its place in the log. */
  readonly target: number | undefined;
  readonly looks: Pick<LogLooks, "wrap" | "times">;
  readonly hrefOf: (line: number) => string;
}): JSX.Element {
  const rows = useMemo(() => log.rows(step), [log, step]);
  const targetRow = useMemo(() => rows.findIndex((row) => isAt(row, target)), [rows, target]);
  const digits = String(log.about.lines).length;
  // Without wrapping all rows are of one height, with times or not.
  const hasTimes = wrap && times;
  const guess = useCallback(
    (at: number, width: number) => {
      const row = rows[at];
      if (!wrap || row?.kind !== "line") return ROW;
      const before = digits + 1 + (hasTimes ? TIME_CHARACTERS : 0);
      const columns = Math.floor((width - BESIDE_TEXT) / CHARACTER) - before;
      return ROW * Math.max(1, Math.ceil(log.text(row.index).length / Math.max(LEAST_COLUMNS, columns)));
    },
    [rows, log, digits, wrap, hasTimes],
  );
  const { box, list, onScroll, first, last, above, total } = useSeenRows({
    rows,
    guess,
    isMeasured: wrap,
    target: targetRow,
    marked: query,
  });
  return (
    <div
      class={`log${wrap ? " wraps" : ""}`}
      ref={box}
      style={{ height: `min(70vh, 640px, ${total + 18}px)` }}
      onScroll={onScroll}
      tabIndex={0}
      role="region"
      aria-label={`Log of ${job.job_id}, ${log.about.lines} lines`}
      onKeyDown={(event) => {
        const by = { j: ROW, k: -ROW }[plainKey(event) ?? ""];
        if (by !== undefined) box.current?.scrollBy(0, by);
      }}
    >
      <div class="log-space" style={{ height: `${total}px` }}>
        <div class="log-seen" ref={list} style={{ transform: `translateY(${above}px)` }}>
          {rows.slice(first, last).map((row) => (
            <Row
              key={keyOf(row)}
              row={row}
              job={job}
              log={log}
              query={query}
              isTarget={isAt(row, target)}
              digits={digits}
              hasTime={times}
              hrefOf={hrefOf}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

function Row({
  row,
  job,
  log,
  query,
  isTarget,
  digits,
  hasTime,
  hrefOf,
}: {
  readonly row: LogRow;
  readonly job: ReportedJob;
  readonly log: PackedJobLog;
  readonly query: string;
  readonly isTarget: boolean;
  readonly digits: number;
  readonly hasTime: boolean;
  readonly hrefOf: (line: number) => string;
}): JSX.Element {
  switch (row.kind) {
    case "heading":
      return <div class="log-row heading">{headingOf(row.run, job)}</div>;
    case "gap":
      return <div class="log-row gap">… {row.lines.toLocaleString("en")} lines are left out …</div>;
    case "line": {
      const stream = log.stream(row.index);
      return (
        <div class={`log-row is-${stream}${isTarget ? " is-target" : ""}`}>
          <a
            class="no"
            style={{ width: `${digits + 1}ch` }}
            href={hrefOf(row.number)}
            tabIndex={-1}
            aria-label={`Line ${row.number}`}
          >
            {row.number}
          </a>
          {hasTime && <Time at={log.time(row.index)} />}
          <span class="stream" title={stream === "stdout" ? undefined : stream}>
            {stream === "stderr" ? "err" : stream === "log" ? "loom" : ""}
          </span>
          <span class="text">{marked(log.text(row.index), query)}</span>
        </div>
      );
    }
    default:
      return row satisfies never;
  }
}

/** The time of day; the day itself, which is the same for nearly all lines, is told where the pointer rests. */
function Time({ at }: { readonly at: string }): JSX.Element {
  const [, clock = "", rest = ""] = /T([^.]*)(.*)$/u.exec(at) ?? [];
  return (
    <time class="time" dateTime={at} title={at}>
      {clock}
      <span class="fraction">{rest}</span>
    </time>
  );
}

function keyOf(row: LogRow): string {
  switch (row.kind) {
    case "line":
      return String(row.number);
    case "heading":
      return `h${row.run.first}`;
    case "gap":
      return "gap";
    default:
      return row satisfies never;
  }
}

function isAt(row: LogRow, target: number | undefined): boolean {
  return row.kind === "line" && row.index === target;
}

function headingOf({ step, section, attempt }: LogRun, { steps }: ReportedJob): string {
  const again = attempt === undefined ? "" : ` (attempt ${attempt})`;
  if (step === undefined) return `${section ?? ""}${again}`;
  const found = steps.find((each) => each.step === step);
  // A row is one line, whatever a command has.
  const title =
    found === undefined
      ? ""
      : stepTitle(found.command, found.name)
          .trim()
          .replaceAll(/\s*\n\s*/gu, " ⏎ ");
  return `Step ${step}${again}  ${title}`;
}

/** A text with what was searched for marked in it. */
export function marked(text: string, query: string): readonly (string | JSX.Element)[] {
  const wanted = query.toLowerCase();
  const lower = text.toLowerCase();
  // Some capital letters are longer as small ones: then places differ, and nothing is marked.
  if (wanted === "" || lower.length !== text.length) return [text];
  const parts: (string | JSX.Element)[] = [];
  let from = 0;
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>);
    from = at + wanted.length;
  }
  parts.push(text.slice(from));
  return parts;
}
