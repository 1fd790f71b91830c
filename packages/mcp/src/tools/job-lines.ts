import type { ExplainedJob } from "@loom/diagnosis";

/** What is said of a job, and of its failure. */
export function jobLines({ job, failure }: ExplainedJob): readonly string[] {
  const lines =
    failure === undefined
      ? []
      : [failure.summary, ...failure.errors.map(({ message }) => message), ...failure.lines];
  return [job.sentence, ...lines.map((line) => `  ${line}`)];
}
