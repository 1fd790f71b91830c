import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ReportData, ReportedJob } from "../report-data.ts";
import { addressOf, type Cause } from "./address.ts";
import { CopyLine } from "./copy-line.tsx";
import type { PackedJobLog, PackedLogs } from "./job-log.ts";
import { LogView } from "./log-view.tsx";
import { SearchResults, useSearchOfAll } from "./search-all.tsx";
import type { LogLook, LogLooks } from "./use-log-looks.ts";

/** The log of one job, its search, and the search in all logs. */
export function LogPanel({
  data,
  store,
  job,
  line,
  cause,
  looks,
  onLook,
}: {
  readonly data: ReportData;
  readonly store: PackedLogs;
  readonly job: ReportedJob;
  readonly line: number | undefined;
  readonly cause: Cause | undefined;
  readonly looks: LogLooks;
  readonly onLook: (look: LogLook) => void;
}): JSX.Element {
  const [log, setLog] = useState<PackedJobLog>();
  const [isBroken, setBroken] = useState(false);
  const [step, setStep] = useState<number>();
  const [query, setQuery] = useState("");
  const [isInAll, setInAll] = useState(false);
  const [match, setMatch] = useState(0);
  useEffect(() => {
    let isWanted = true;
    store.read(data.jobs.indexOf(job)).then(
      (read) => {
        if (isWanted) setLog(read);
      },
      () => {
        if (isWanted) setBroken(true);
      },
    );
    return () => {
      isWanted = false;
    };
  }, [data, store, job]);
  const matches = useMemo(() => {
    const stepOf = step === undefined ? undefined : new Set(log?.rows(step).flatMap(lineIndex));
    const all = isInAll ? [] : (log?.search(query) ?? []);
    return stepOf === undefined ? all : all.filter((index) => stepOf.has(index));
  }, [log, query, isInAll, step]);
  const all = useSearchOfAll(data, store, isInAll ? query : "");
  const steps = stepsIn(job);
  const current =
    matches.length === 0 ? undefined : matches[((match % matches.length) + matches.length) % matches.length];
  const target = useMemo(() => {
    if (current !== undefined) return current;
    if (log === undefined) return undefined;
    if (line !== undefined) return log.indexOf(line);
    const found = cause === undefined ? -1 : log.lastLike(cause.text, cause.step);
    return found === -1 ? undefined : found;
  }, [current, log, line, cause]);
  const area = useRef<HTMLDivElement>(null);
  return (
    <div class="log-panel" ref={area}>
      <div class="log-tools" role="search" aria-label="Logs">
        <input
          id="log-search"
          type="search"
          placeholder={isInAll ? "Search in all logs" : `Search in ${job.job_id}`}
          aria-label={isInAll ? "Search in all logs" : `Search in the log of ${job.job_id}`}
          value={query}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setMatch(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") setMatch(match + (event.shiftKey ? -1 : 1));
            if (event.key === "Escape") setQuery("");
          }}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={isInAll}
            onChange={(event) => setInAll(event.currentTarget.checked)}
          />
          all jobs
        </label>
        <span class="found" role="status">
          {query === ""
            ? ""
            : isInAll
              ? all.sentence
              : matches.length === 0
                ? "no match"
                : `${(((match % matches.length) + matches.length) % matches.length) + 1} of ${matches.length.toLocaleString("en")}`}
        </span>
        {!isInAll && matches.length > 1 && (
          <>
            <button type="button" aria-label="Previous match" onClick={() => setMatch(match - 1)}>
              ↑
            </button>
            <button type="button" aria-label="Next match" onClick={() => setMatch(match + 1)}>
              ↓
            </button>
          </>
        )}
        {steps.length > 1 && (
          <label class="choose">
            <span>Step</span>
            <select
              value={step ?? ""}
              onChange={(event) =>
                setStep(event.currentTarget.value === "" ? undefined : Number(event.currentTarget.value))
              }
            >
              <option value="">all</option>
              {steps.map((number) => (
                <option key={number} value={number}>
                  {number}
                </option>
              ))}
            </select>
          </label>
        )}
        <LookButton
          look="wrap"
          label="Wrap lines"
          title="Key: w"
          shortcut="w"
          looks={looks}
          onLook={onLook}
        />
        <LookButton
          look="times"
          label="Times"
          title="Time of day in UTC. Key: t"
          shortcut="t"
          looks={looks}
          onLook={onLook}
        />
        <span class="unseen" role="status">
          {looks.said}
        </span>
      </div>
      {isInAll && query !== "" && <SearchResults found={all} query={query} />}
      {log === undefined ? (
        <p class="nothing">{isBroken ? "This browser cannot unpack the log." : "Unpacking …"}</p>
      ) : (
        <LogView
          job={job}
          log={log}
          step={step}
          query={isInAll ? "" : query}
          target={target}
          looks={looks}
          hrefOf={(number) => addressOf({ job: job.job_id, line: number })}
        />
      )}
      <LeftOut job={job} runId={data.run.run_id} />
    </div>
  );
}

function LookButton({
  look,
  label,
  title,
  shortcut,
  looks,
  onLook,
}: {
  readonly look: LogLook;
  readonly label: string;
  readonly title: string;
  readonly shortcut: string;
  readonly looks: LogLooks;
  readonly onLook: (look: LogLook) => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class="switch"
      aria-pressed={looks[look]}
      aria-keyshortcuts={shortcut}
      title={title}
      onClick={() => onLook(look)}
    >
      {label}
    </button>
  );
}

/** What of the log is not in the report, and how to print it. */
function LeftOut({ job, runId }: { readonly job: ReportedJob; readonly runId: string }): JSX.Element | null {
  const { left_out: gap, cut_lines: cut } = job.log ?? {};
  if (gap === undefined && cut === undefined) return null;
  return (
    <div class="left-out">
      <p>
        {gap !== undefined &&
          `${gap.lines.toLocaleString("en")} of ${job.log?.lines.toLocaleString("en")} lines in the middle are not in this report, to keep it small. `}
        {cut !== undefined && `${cut === 1 ? "1 line is" : `${cut} lines are`} too long to be shown whole. `}
        The whole log, where the run was:
      </p>
      <CopyLine text={`loom logs ${runId} ${job.job_id}`} />
    </div>
  );
}

function lineIndex(row: ReturnType<PackedJobLog["rows"]>[number]): readonly number[] {
  return row.kind === "line" ? [row.index] : [];
}

/** The steps that printed something. */
function stepsIn({ log }: ReportedJob): readonly number[] {
  return [...new Set(log?.runs.flatMap(({ step }) => (step === undefined ? [] : [step])))].sort(
    (a, b) => a - b,
  );
}
