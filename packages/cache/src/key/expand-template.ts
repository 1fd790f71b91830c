/** What a cache key's `template` can name, besides the job's variables. */
export interface KeyContext {
  readonly jobName: string;
  readonly jobId: string;
  readonly runId: string;
  readonly pipelineId: string;
  /** Absent where there is no commit. */
  readonly headSha?: string | undefined;
  /** The job's variables, expanded. The names above take precedence. */
  readonly variables: { readonly [name: string]: string };
}

/**
 * Replaces `$name` and `${name}` with their values; `$$` is a dollar sign.
 *
 * Unknown names stay as written, as in variables.
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
