/** Which lines of a run a selector means. */
export interface SelectedLines {
  readonly job?: string;
  /** From 1. */
  readonly step?: number;
  readonly section?: string;
}

/**
 * Reads a selector: `job`, `job/step` or `job/system/section`.
 *
 * @param jobs - The jobs of the run: a name among them may have a slash.
 */
export function readSelector(selector: string, jobs: readonly string[]): SelectedLines {
  if (jobs.includes(selector)) return { job: selector };
  const [, ofSection, section] = /^(.+)\/system\/([^/]+)$/u.exec(selector) ?? [];
  if (ofSection !== undefined && section !== undefined) return { job: ofSection, section };
  const [, ofStep, step] = /^(.+)\/([1-9]\d{0,8})$/u.exec(selector) ?? [];
  return ofStep === undefined ? { job: selector } : { job: ofStep, step: Number(step) };
}
