import { formatSpan } from "@loom/core";
import type { ComponentChildren, JSX } from "preact";
import type { ReportData } from "../report-data.ts";
import { lookOf, lookOfRun, LOOKS, Status, wordOf, type StatusLook } from "./look.tsx";

/** How the run ended, in one sentence, and what it was. */
export function Summary({
  data,
  onLook,
}: {
  readonly data: ReportData;
  readonly onLook: (look: StatusLook) => void;
}): JSX.Element {
  const { run, explanation, time } = data;
  const counts = new Map<StatusLook, number>();
  for (const job of data.jobs) counts.set(lookOf(job), (counts.get(lookOf(job)) ?? 0) + 1);
  return (
    <section class="summary" aria-label="Summary">
      <p class="outcome">
        <Status look={lookOfRun(run.outcome)} word={run.outcome} />
        {run.exit_code !== undefined && <span class="muted">exit code {run.exit_code}</span>}
      </p>
      <h1>{explanation?.summary ?? `Run ${run.run_id}`}</h1>
      <dl class="facts">
        <Fact name="Project">{run.project}</Fact>
        <Fact name="Workflow">{run.workflow}</Fact>
        <Fact name="Commit">
          {run.commit !== undefined && (
            <span class="mono" title={run.commit}>
              {run.commit.slice(0, 10)}
              {run.snapshot_of === "staged" && " with what was staged"}
            </span>
          )}
        </Fact>
        <Fact name="Started">{run.started_at !== undefined && <Moment at={run.started_at} />}</Fact>
        <Fact name="Took">{run.duration_ms !== undefined && formatSpan(run.duration_ms)}</Fact>
        <Fact name="Slots">
          {data.jobs.length > 0 &&
            `${time.slots}, ${time.busiest_slots} used at most, ${Math.round(time.utilisation * 100)} % busy`}
        </Fact>
        <Fact name="Run">
          <span class="mono">{run.run_id}</span>
        </Fact>
      </dl>
      {data.jobs.length > 0 && (
        <ul class="counts" aria-label="Jobs by status">
          <li class="total">
            <b>{data.job_counts.total}</b> {data.job_counts.total === 1 ? "job" : "jobs"}
          </li>
          {LOOKS.filter((look) => counts.has(look)).map((look) => (
            <li key={look}>
              <button type="button" onClick={() => onLook(look)} title={`List only jobs: ${wordOf(look)}`}>
                <Status look={look} word={`${counts.get(look) ?? 0} ${wordOf(look)}`} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {(explanation?.running ?? []).length > 0 && (
        <p class="running">
          {run.outcome === "running" ? "Running" : "Was running"}:{" "}
          {explanation?.running
            ?.map(({ job_id: job, step, name, command }) =>
              step === undefined ? job : `${job}, step ${step} (${name ?? command ?? ""})`,
            )
            .join("; ")}
        </p>
      )}
      {explanation?.notes.map((note) => (
        <p key={note} class="note">
          <b>Note:</b> {note}
        </p>
      ))}
    </section>
  );
}

function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ComponentChildren;
}): JSX.Element | null {
  if (children === undefined || children === false || children === "") return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Moment({ at }: { readonly at: string }): JSX.Element {
  const date = new Date(at);
  const text = Number.isNaN(date.getTime())
    ? at
    : date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" });
  return (
    <time dateTime={at} title={at}>
      {text}
    </time>
  );
}
