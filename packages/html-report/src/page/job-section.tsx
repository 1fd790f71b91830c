import { formatSpan, stepTitle } from "@loom/core";
import type { JSX } from "preact";
import type { ReportData, ReportedJob } from "../report-data.ts";
import type { Cause } from "./address.ts";
import { CopyLine } from "./copy-line.tsx";
import type { PackedLogs } from "./job-log.ts";
import { LogPanel } from "./log-panel.tsx";
import { lookOf, lookOfStep, Status } from "./look.tsx";
import { useLogLooks } from "./use-log-looks.ts";

/** One job: why it ran when it did, its steps, and what it printed. */
export function JobSection({
  data,
  store,
  job,
  line,
  cause,
  onSelect,
}: {
  readonly data: ReportData;
  readonly store: PackedLogs;
  readonly job: ReportedJob;
  readonly line: number | undefined;
  readonly cause: Cause | undefined;
  readonly onSelect: (job: string) => void;
}): JSX.Element {
  const { run_id: runId } = data.run;
  // Here and not in the panel, which is another one for each job.
  const [looks, toggleLook] = useLogLooks(job.log !== undefined);
  return (
    <section id="job" aria-labelledby="job-title">
      <header class="section-head">
        <h2 id="job-title">Log</h2>
        <label class="choose">
          <span>Job</span>
          <select value={job.job_id} onChange={(event) => onSelect(event.currentTarget.value)}>
            {data.jobs.map(({ job_id: id }) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </label>
      </header>
      <p class="job-line">
        <Status look={lookOf(job)} />
        <span>{job.sentence}.</span>
        {job.tests !== undefined && (
          <span class="muted">
            {job.tests.total} tests, {job.tests.failed} failed, {job.tests.skipped} skipped
          </span>
        )}
      </p>
      {job.steps.length > 0 && <Steps job={job} />}
      {job.log === undefined ? (
        <div class="nothing">
          <p>
            {data.logs === "left_out"
              ? "This report was made without logs. To print this one:"
              : "It printed nothing."}
          </p>
          {data.logs === "left_out" && <CopyLine text={`loom logs ${runId} ${job.job_id}`} />}
        </div>
      ) : (
        <LogPanel
          key={job.job_id}
          data={data}
          store={store}
          job={job}
          line={line}
          cause={cause}
          looks={looks}
          onLook={toggleLook}
        />
      )}
    </section>
  );
}

function Steps({ job }: { readonly job: ReportedJob }): JSX.Element {
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={`Steps of ${job.job_id}`}>
      <table class="steps">
        <thead>
          <tr>
            <th scope="col" class="number">
              Step
            </th>
            <th scope="col">Status</th>
            <th scope="col">Command</th>
            <th scope="col" class="number">
              Took
            </th>
          </tr>
        </thead>
        <tbody>
          {job.steps.map((step) => (
            <tr key={step.step}>
              <td class="number">{step.step}</td>
              <td>
                <Status look={lookOfStep(step)} />
                {step.exit_code !== undefined && step.exit_code !== 0 && (
                  <span class="muted"> exit {step.exit_code}</span>
                )}
              </td>
              <td class="col-command">
                <code title={step.command}>{stepTitle(step.command, step.name)}</code>
              </td>
              <td class="number">{step.duration_ms === undefined ? "–" : formatSpan(step.duration_ms)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
