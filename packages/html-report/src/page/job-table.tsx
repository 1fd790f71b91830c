import { formatSpan } from "@loom/core";
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { ReportData, ReportedJob } from "../report-data.ts";
import { addressOf } from "./address.ts";
import { lookOf, LOOKS, Status, type StatusLook } from "./look.tsx";
import { useListKeys } from "./use-list-keys.ts";

/** Rows that are drawn before somebody asks for all: what a browser lays out in a blink. */
const FIRST_ROWS = 500;

type Column = "status" | "job" | "stage" | "started" | "took" | "waited" | "lines";

const COLUMNS: readonly { readonly key: Column; readonly title: string; readonly isNumber?: true }[] = [
  { key: "status", title: "Status" },
  { key: "job", title: "Job" },
  { key: "stage", title: "Stage" },
  { key: "started", title: "Started", isNumber: true },
  { key: "took", title: "Took", isNumber: true },
  { key: "waited", title: "Queued", isNumber: true },
  { key: "lines", title: "Lines", isNumber: true },
];

/** All jobs, to be filtered and sorted. */
export function JobTable({
  data,
  selected,
  looks,
  onLooks,
}: {
  readonly data: ReportData;
  readonly selected: string;
  readonly looks: ReadonlySet<StatusLook>;
  readonly onLooks: (looks: ReadonlySet<StatusLook>) => void;
}): JSX.Element {
  const [text, setText] = useState("");
  // What needs a look comes first, where anything does.
  const [sort, setSort] = useState<{ readonly column: Column; readonly isDown: boolean } | undefined>(() =>
    data.jobs.some(({ status }) => status === "failed") ? { column: "status", isDown: false } : undefined,
  );
  const [isWhole, setWhole] = useState(false);
  const present = useMemo(() => new Set(data.jobs.map(lookOf)), [data]);
  const stageOrder = useMemo(() => new Map(data.stages.map((stage, index) => [stage, index])), [data]);
  const found = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    const jobs = data.jobs.filter(
      (job) =>
        (looks.size === 0 || looks.has(lookOf(job))) && (wanted === "" || haystack(job).includes(wanted)),
    );
    if (sort === undefined) return jobs;
    const keyOf = (job: ReportedJob): number | string => sortKey(job, sort.column, stageOrder);
    return jobs.toSorted((a, b) => compare(keyOf(a), keyOf(b)) * (sort.isDown ? -1 : 1));
  }, [data, text, looks, sort, stageOrder]);
  const shown = isWhole ? found : found.slice(0, FIRST_ROWS);
  const keys = useListKeys<HTMLTableSectionElement>(shown.length);
  const toggle = (look: StatusLook): void => {
    const next = new Set(looks);
    if (!next.delete(look)) next.add(look);
    onLooks(next);
  };
  return (
    <section id="jobs" aria-labelledby="jobs-title">
      <header class="section-head">
        <h2 id="jobs-title">Jobs</h2>
        <div class="filters" role="search" aria-label="Jobs">
          <input
            id="job-search"
            type="search"
            placeholder="Filter by job, stage or command"
            aria-label="Filter jobs by name, stage or command"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          {present.size > 1 &&
            LOOKS.filter((look) => present.has(look)).map((look) => (
              <button
                key={look}
                type="button"
                class="chip"
                aria-pressed={looks.has(look)}
                onClick={() => toggle(look)}
              >
                <Status look={look} />
              </button>
            ))}
        </div>
      </header>
      <p class="unseen" role="status">
        {found.length} of {data.jobs.length} jobs
      </p>
      <div class="table-box" tabIndex={0} role="region" aria-label="Table of jobs">
        <table>
          <thead>
            <tr>
              {COLUMNS.map(({ key, title, isNumber }) => (
                <th
                  key={key}
                  scope="col"
                  class={`col-${key}${isNumber === true ? " number" : ""}`}
                  aria-sort={sort?.column !== key ? "none" : sort.isDown ? "descending" : "ascending"}
                >
                  <button
                    type="button"
                    onClick={() =>
                      setSort({
                        column: key,
                        isDown: sort?.column === key ? !sort.isDown : isNumber === true,
                      })
                    }
                  >
                    {title}
                    <span class="arrow" aria-hidden="true">
                      {sort?.column !== key ? "" : sort.isDown ? "↓" : "↑"}
                    </span>
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={keys.ref} onKeyDown={keys.onKeyDown}>
            {shown.map((job, index) => (
              <tr key={job.job_id} class={job.job_id === selected ? "is-selected" : ""}>
                <td class="col-status">
                  <Status look={lookOf(job)} />
                </td>
                <th scope="row" class="col-job">
                  <a href={addressOf({ job: job.job_id })} {...keys.itemAt(index)}>
                    {job.job_id}
                  </a>
                  {job.title !== undefined && <span class="title">{job.title}</span>}
                </th>
                <td class="col-stage">{job.stage}</td>
                <td class="col-started number">
                  {job.started_ms === undefined ? "–" : `+${formatSpan(job.started_ms)}`}
                </td>
                <td class="col-took number">{spanOf(tookMs(job))}</td>
                <td class="col-waited number">{spanOf(waitedMs(job) || undefined)}</td>
                <td class="col-lines number">{job.log?.lines.toLocaleString("en") ?? "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {found.length === 0 && (
          <p class="nothing">No job matches. Clear the filter to see all {data.jobs.length}.</p>
        )}
      </div>
      {found.length > shown.length && (
        <button type="button" class="more" onClick={() => setWhole(true)}>
          Show all {found.length} jobs
        </button>
      )}
    </section>
  );
}

function haystack({ job_id: id, title = "", stage, steps }: ReportedJob): string {
  return [id, title, stage, ...steps.map(({ command, name = "" }) => `${name} ${command}`)]
    .join("\n")
    .toLowerCase();
}

function tookMs({ started_ms: from, ended_ms: to }: ReportedJob): number | undefined {
  return from === undefined || to === undefined ? undefined : to - from;
}

function waitedMs({ ready_ms: from, started_ms: to }: ReportedJob): number | undefined {
  return from === undefined || to === undefined ? undefined : to - from;
}

function spanOf(ms: number | undefined): string {
  return ms === undefined ? "–" : formatSpan(ms);
}

function sortKey(job: ReportedJob, column: Column, stages: ReadonlyMap<string, number>): number | string {
  switch (column) {
    case "status":
      return LOOKS.indexOf(lookOf(job));
    case "job":
      return job.job_id;
    case "stage":
      return stages.get(job.stage) ?? 0;
    case "started":
      return job.started_ms ?? -1;
    case "took":
      return tookMs(job) ?? -1;
    case "waited":
      return waitedMs(job) ?? -1;
    case "lines":
      return job.log?.lines ?? -1;
    default:
      return column satisfies never;
  }
}

function compare(a: number | string, b: number | string): number {
  return typeof a === "number" && typeof b === "number"
    ? a - b
    : String(a).localeCompare(String(b), "en", { numeric: true });
}
