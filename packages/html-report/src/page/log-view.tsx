import { stepTitle } from "@loom/core";
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { LogRun, ReportedJob } from "../report-data.ts";
import type { PackedJobLog, LogRow } from "./job-log.ts";

/** Height of a row, as the style has it. Pixels. */
const ROW = 20;

/** Rows above and below what is seen that are drawn, too, so that scrolling shows no holes. */
const SPARE = 20;

/** The lines of a log. Only those that are seen are drawn. */
export function LogView({
  job,
  log,
  step,
  query,
  target,
  hrefOf,
}: {
  readonly job: ReportedJob;
  readonly log: PackedJobLog;
  readonly step: number | undefined;
  readonly query: string;
  /** The line to show, by its place in the log. */
  readonly target: number | undefined;
  readonly hrefOf: (line: number) => string;
}): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => log.rows(step), [log, step]);
  const [seen, setSeen] = useState({ top: 0, height: 600 });
  const look = (): void => {
    const { current } = box;
    if (current !== null) setSeen({ top: current.scrollTop, height: current.clientHeight });
  };
  useEffect(() => {
    look();
    addEventListener("resize", look);
    return () => removeEventListener("resize", look);
  }, []);
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null || target === undefined) return;
    const at = rows.findIndex((row) => row.kind === "line" && row.index === target);
    if (at === -1) return;
    const top = at * ROW;
    if (top < current.scrollTop + ROW || top > current.scrollTop + current.clientHeight - 2 * ROW)
      current.scrollTop = top - current.clientHeight / 3;
    look();
  }, [rows, target]);
  const first = Math.max(0, Math.floor(seen.top / ROW) - SPARE);
  const last = Math.min(rows.length, Math.ceil((seen.top + seen.height) / ROW) + SPARE);
  const widest = String(log.about.lines).length;
  return (
    <div
      class="log"
      ref={box}
      style={{ height: `min(70vh, 640px, ${rows.length * ROW + 18}px)` }}
      onScroll={look}
      tabIndex={0}
      role="region"
      aria-label={`Log of ${job.job_id}, ${log.about.lines} lines`}
      onKeyDown={(event) => {
        const by = { j: ROW, k: -ROW }[event.key];
        if (by !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey)
          box.current?.scrollBy(0, by);
      }}
    >
      <div class="log-space" style={{ height: `${rows.length * ROW}px` }}>
        <div class="log-seen" style={{ transform: `translateY(${first * ROW}px)` }}>
          {rows.slice(first, last).map((row) => (
            <Row
              key={keyOf(row)}
              row={row}
              job={job}
              log={log}
              query={query}
              isTarget={isAt(row, target)}
              digits={widest}
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
  hrefOf,
}: {
  readonly row: LogRow;
  readonly job: ReportedJob;
  readonly log: PackedJobLog;
  readonly query: string;
  readonly isTarget: boolean;
  readonly digits: number;
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
