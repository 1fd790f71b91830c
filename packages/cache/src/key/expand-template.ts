/** What a `template` of a cache key can name, besides the variables of the job. */
export interface KeyContext {
  readonly jobName: string;
  readonly jobId: string;
  readonly runId: string;
  readonly pipelineId: string;
  /** Absent where there is no commit. */
  readonly headSha?: string | undefined;
  /** Those of the job, expanded. The names above win over them. */
  readonly variables: { readonly [name: string]: string };
}

/**
 * Puts values in the place of `$name` and `${name}`; `$$` is a dollar.
 *
 * What names nothing stays as it is written, as in variables.
 */
export function expandTemplate(template: string, context: KeyContext): string {
  const { jobName, jobId, runId, pipelineId, headSha, variables } = context;
  const values = new Map<string, string>([
    ...Object.entries(variables),
    ["job_name", jobName],
    ["job_id", jobId],
    ["run_id", runId],
    ["pipeline_id", pipelineId],
    ...(headSha === undefined ? [] : [["head_sha", headSha] as const]),
  ]);
  return template.replace(PLACEHOLDER, (written: string, braced?: string, plain?: string) =>
    written === "$$" ? "$" : (values.get(braced ?? plain ?? "") ?? written),
  );
}

const PLACEHOLDER = /\$(?:\$|\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g;
