import { formatSpan } from "@loom/core";
import type { Explanation, OtherFailure } from "@loom/diagnosis";
import type { JSX } from "preact";
import type { ReportData } from "../report-data.ts";
import type { Cause } from "./address.ts";
import { CopyLine } from "./copy-line.tsx";
import { Status } from "./look.tsx";

type OnOpen = (job: string, at: Cause | undefined) => void;

/** Why jobs failed, as `loom explain` says it. */
export function Failures({
  data,
  onOpen,
}: {
  readonly data: ReportData;
  readonly onOpen: OnOpen;
}): JSX.Element {
  const { explanation, other_failures: others } = data;
  const isAllowed = ({ failure }: Explanation): boolean =>
    data.jobs.find(({ job_id: id }) => id === failure?.job_id)?.allowed === true;
  // The one that decided, then those that count, then those that do not.
  const told = [
    ...(explanation === undefined ? [] : [explanation]),
    ...others.filter((other) => !isAllowed(other)),
    ...others.filter(isAllowed),
  ];
  const toldCommands = new Set<string>();
  const toldJobs = new Set(told.map(({ failure }) => failure?.job_id));
  const rest = explanation?.other_failures.filter(({ job_id: job }) => !toldJobs.has(job)) ?? [];
  const untold = (explanation?.other_failures_total ?? 0) - others.length - rest.length;
  return (
    <section id="failures" aria-labelledby="failures-title">
      <h2 id="failures-title">Failures</h2>
      {told.map((each) => {
        const next = each.next.filter((command) => !toldCommands.has(command));
        for (const command of next) toldCommands.add(command);
        return (
          <Failure
            key={each.failure?.job_id ?? ""}
            explanation={each}
            next={next}
            data={data}
            onOpen={onOpen}
          />
        );
      })}
      {rest.length > 0 && (
        <>
          <h3>Failed too</h3>
          <ul class="plain">
            {rest.map((other) => (
              <li key={other.job_id}>
                <OtherLine other={other} />
              </li>
            ))}
          </ul>
        </>
      )}
      {untold > 0 && <p class="muted">And {untold} more jobs that failed: the table below has them all.</p>}
    </section>
  );
}

function OtherLine({ other }: { readonly other: OtherFailure }): JSX.Element {
  return (
    <>
      <b>{other.job_id}</b>
      {other.step !== undefined && ` in step ${other.step}, ${other.name ?? other.command ?? ""}`}
      {other.exit_code !== undefined && `: exit code ${other.exit_code}`}
      {!other.blocking && " (allowed)"}
    </>
  );
}

function Failure({
  explanation,
  next,
  data,
  onOpen,
}: {
  readonly explanation: Explanation;
  /** Those of its next commands that no failure above it has. */
  readonly next: readonly string[];
  readonly data: ReportData;
  readonly onOpen: OnOpen;
}): JSX.Element {
  const { failure, errors, lines, changed } = explanation;
  const jobId = failure?.job_id;
  const job = data.jobs.find((each) => each.job_id === jobId);
  const [firstLine] = lines;
  const at = firstLine === undefined ? undefined : { text: firstLine, step: failure?.step };
  return (
    <article class={`failure${job?.allowed === true ? " is-allowed" : ""}`}>
      <header>
        <h3>
          {jobId ?? "The run"}
          {failure?.step !== undefined && (
            <span class="where">
              step {failure.step}
              {failure.steps_total !== undefined && ` of ${failure.steps_total}`}
            </span>
          )}
          {failure?.section !== undefined && <span class="where">{failure.section}</span>}
        </h3>
        <Status look={job?.allowed === true ? "allowed" : "failed"} />
      </header>
      {failure?.command !== undefined && (
        <p class="command">
          {failure.name !== undefined && <b>{failure.name} </b>}
          <code>{failure.command}</code>
        </p>
      )}
      <p class="muted">{[...endingOf(explanation)].join(" · ")}</p>
      {failure?.error !== undefined && failure.error.code !== "exit_code" && (
        <p>
          {failure.error.message} <span class="muted mono">{failure.error.code}</span>
        </p>
      )}
      {failure?.meaning !== undefined && <p>{failure.meaning.message}</p>}
      {failure?.left_out !== undefined && <p>{failure.left_out.message}</p>}
      {errors.length > 0 && (
        <ol class="errors" aria-label="Errors that tools reported">
          {errors.map((error, index) => (
            <li key={index}>
              {error.file !== undefined && (
                <code class="file">
                  {[error.file, error.line, error.column].filter((part) => part !== undefined).join(":")}
                </code>
              )}
              <span class="message">
                {error.test !== undefined && !error.message.includes(error.test) && `${error.test}: `}
                {error.message}
              </span>
              <span class="tool">
                {error.tool}
                {error.code !== undefined && ` ${error.code}`}
                {error.severity !== undefined && ` ${error.severity}`}
              </span>
            </li>
          ))}
          {explanation.errors_total > errors.length && (
            <li class="muted">and {explanation.errors_total - errors.length} more</li>
          )}
        </ol>
      )}
      {lines.length > 0 && (
        <figure>
          <figcaption>
            <span>
              {lines.length} of {explanation.lines_total} {explanation.lines_total === 1 ? "line" : "lines"}{" "}
              of output
            </span>
            {job?.log !== undefined && (
              <button type="button" class="link" onClick={() => onOpen(job.job_id, at)}>
                Open the log here
              </button>
            )}
          </figcaption>
          <pre tabIndex={0} role="region" aria-label={`Output around the cause in ${jobId ?? "the run"}`}>
            {lines.join("\n")}
          </pre>
        </figure>
      )}
      {explanation.blocked_total > 0 && (
        <p>
          <b>Blocked:</b> {explanation.blocked.join(", ")}
          {explanation.blocked_total > explanation.blocked.length &&
            ` and ${explanation.blocked_total - explanation.blocked.length} more`}
        </p>
      )}
      {explanation.stopped_total > 0 && (
        <p>
          <b>Stopped:</b> {explanation.stopped.join(", ")}
        </p>
      )}
      {changed !== undefined && (
        <div class="changed">
          <p>{changed.sentence}.</p>
          {changed.commits.length > 1 && (
            <ul class="plain">
              {changed.commits.map(({ sha, subject }) => (
                <li key={sha}>
                  <code>{sha.slice(0, 10)}</code> {subject}
                </li>
              ))}
              {changed.commits_total > changed.commits.length && (
                <li class="muted">and {changed.commits_total - changed.commits.length} more commits</li>
              )}
            </ul>
          )}
        </div>
      )}
      {explanation.seen_before !== undefined && <p>{seenSentence(explanation.seen_before)}</p>}
      {next.length > 0 && (
        <div class="next">
          <b>Next</b>
          {next.map((command) => (
            <CopyLine key={command} text={command} />
          ))}
        </div>
      )}
    </article>
  );
}

/** How it ended. */
function* endingOf({ failure }: Explanation): Generator<string> {
  if (failure === undefined) return;
  if (failure.stage !== undefined) yield `stage ${failure.stage}`;
  if (failure.exit_code !== undefined) yield `exit code ${failure.exit_code}`;
  if (failure.signal !== undefined) yield failure.signal;
  if (failure.limit !== undefined)
    yield `over the limit of the ${failure.limit.of}, ${formatSpan(failure.limit.ms)}`;
  if (failure.duration_ms !== undefined) yield `after ${formatSpan(failure.duration_ms)}`;
  if (failure.attempts !== undefined && failure.attempts > 1) yield `${failure.attempts} attempts`;
}

function seenSentence({ runs, compared }: NonNullable<Explanation["seen_before"]>): string {
  const [newest] = runs;
  const failures = compared === 1 ? "the failure" : `the ${compared} failures`;
  if (newest === undefined) return `Not seen in ${failures} before it.`;
  return `Seen before in ${newest.run_id}: ${runs.length} of ${failures} before it.`;
}
