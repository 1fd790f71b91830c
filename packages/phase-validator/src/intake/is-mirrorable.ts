/** Whether a record is one that the mirror of its job repeats: a boundary of `job.execution` or of a step. */
export function isMirrorable(json: { readonly [key: string]: unknown }): boolean {
  if (json["event"] !== "phase_start" && json["event"] !== "phase_finish") return false;
  const code = json["phase_code"];
  return code === "step.script" || (code === "job.execution" && json["section"] === undefined);
}
