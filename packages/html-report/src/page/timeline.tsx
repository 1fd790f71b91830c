import { formatSpan } from "@loom/core";
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { ReportData, ReportedJob } from "../report-data.ts";
import { addressOf } from "./address.ts";
import { lookOf, Sign, wordOf, type StatusLook } from "./look.tsx";
import { useListKeys } from "./use-list-keys.ts";

const FIRST_ROWS = 500;

/** When each job waited and ran, on one line of time. */
export function TimelinePanel({
  data,
  selected,
  onSelect,
}: {
  readonly data: ReportData;
  readonly selected: string;
  readonly onSelect: (job: string) => void;
}): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const started = useMemo(
    () =>
      data.jobs
        .filter(({ started_ms: at }) => at !== undefined)
        .toSorted((a, b) => (a.started_ms ?? 0) - (b.started_ms ?? 0)),
    [data],
  );
  const critical = useMemo(() => new Set<string>(data.time.critical_path), [data]);
  const shown = isWhole ? started : started.slice(0, FIRST_ROWS);
  const keys = useListKeys<HTMLUListElement>(shown.length);
  const never = data.jobs.length - started.length;
  const lengthMs = Math.max(1, data.time.duration_ms);
  return (
    <section id="timeline" aria-labelledby="timeline-title">
      <header class="section-head">
        <h2 id="timeline-title">Timeline</h2>
        <ul class="legend" aria-label="Legend">
          <li>
            <span class="swatch queued" /> queued
          </li>
          <li>
            <span class="swatch ran" /> ran
          </li>
          <li>
            <span class="swatch attempt" /> earlier attempt
          </li>
          <li>
            <span class="diamond">◆</span> critical path
          </li>
        </ul>
      </header>
      {started.length === 0 ? (
        <p>No job started.</p>
      ) : (
        <div class="timeline">
          <div class="axis" aria-hidden="true">
            {ticks(lengthMs).map((ms) => (
              <span key={ms} style={{ left: percent(ms, lengthMs) }}>
                {ms === 0 ? "0" : formatSpan(ms)}
              </span>
            ))}
          </div>
          <ul ref={keys.ref} onKeyDown={keys.onKeyDown} aria-label="Jobs by start">
            {shown.map((job, index) => (
              <li key={job.job_id}>
                <button
                  type="button"
                  class={`row${job.job_id === selected ? " is-selected" : ""}`}
                  aria-pressed={job.job_id === selected}
                  {...keys.itemAt(index)}
                  onClick={() => onSelect(job.job_id)}
                  onDblClick={() => {
                    location.hash = addressOf({ job: job.job_id });
                  }}
                >
                  <span class="label">
                    <Sign look={lookOf(job)} />
                    <span class="name">{job.job_id}</span>
                    {critical.has(job.job_id) && (
                      <span class="diamond" aria-hidden="true">
                        ◆
                      </span>
                    )}
                  </span>
                  <span class="unseen">, {spokenRow(job, critical.has(job.job_id))}, took </span>
                  <span class="track">
                    <Bars job={job} isCritical={critical.has(job.job_id)} lengthMs={lengthMs} />
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
      {started.length > shown.length && (
        <button type="button" class="more" onClick={() => setWhole(true)}>
          Show all {started.length} jobs
        </button>
      )}
      {never > 0 && <p class="muted">{never === 1 ? "1 job" : `${never} jobs`} never started.</p>}
      {data.time.critical_path.length > 1 && (
        <p class="path">
          <span class="diamond">◆</span> {data.time.critical_path.join(" → ")}
        </p>
      )}
    </section>
  );
}

function Bars({
  job,
  isCritical,
  lengthMs,
}: {
  readonly job: ReportedJob;
  readonly isCritical: boolean;
  readonly lengthMs: number;
}): JSX.Element {
  const { ready_ms: ready, started_ms: from = 0, ended_ms: to = lengthMs, attempts } = job;
  const bars =
    attempts.length < 2
      ? [{ from, to, look: lookOf(job), isEarlier: false }]
      : attempts.map(({ started_ms: start, ended_ms: end, status }, index) => ({
          from: start,
          to: end,
          look: (index === attempts.length - 1 ? lookOf(job) : status) as StatusLook,
          isEarlier: index < attempts.length - 1,
        }));
  const end = Math.max(from, ...bars.map((bar) => bar.to));
  return (
    <>
      {ready !== undefined && from > ready && (
        <span class="bar queued" style={place(ready, from, lengthMs)} />
      )}
      {bars.map((bar) => (
        <span
          key={bar.from}
          class={`bar is-${bar.look}${bar.isEarlier ? " is-earlier" : ""}${isCritical ? " is-critical" : ""}`}
          style={place(bar.from, bar.to, lengthMs)}
        />
      ))}
      <span
        class={end / lengthMs > 0.85 ? "took is-before" : "took"}
        style={{ left: percent(end / lengthMs > 0.85 ? (ready ?? from) : end, lengthMs) }}
      >
        {formatSpan(to - from)}
      </span>
    </>
  );
}

function place(
  from: number,
  to: number,
  lengthMs: number,
): { readonly left: string; readonly width: string } {
  return { left: percent(from, lengthMs), width: percent(Math.max(0, to - from), lengthMs) };
}

function percent(ms: number, lengthMs: number): string {
  return `${Math.round((ms / lengthMs) * 10_000) / 100}%`;
}

/** Round moments, four to six of them. */
function ticks(lengthMs: number): readonly number[] {
  const rough = lengthMs / 5;
  const unit = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200].map((s) => s * 1000);
  const small = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  const step =
    rough < 1000
      ? ([1, 2, 5, 10].map((n) => n * small).find((ms) => ms >= rough) ?? rough)
      : (unit.find((ms) => ms >= rough) ?? Math.ceil(rough / 3_600_000) * 3_600_000);
  return Array.from({ length: Math.floor((lengthMs * 0.94) / step) + 1 }, (_, index) => index * step);
}

function spokenRow(job: ReportedJob, isCritical: boolean): string {
  const { ready_ms: ready, started_ms: from = 0, attempts } = job;
  const parts = [
    wordOf(lookOf(job)),
    ...(ready !== undefined && from > ready ? [`queued for ${formatSpan(from - ready)}`] : []),
    `started after ${formatSpan(from)}`,
    ...(attempts.length > 1 ? [`${attempts.length} attempts`] : []),
    ...(isCritical ? ["on the critical path"] : []),
  ];
  return parts.join(", ");
}
