import {
  type EventBase,
  type JobStateEvent,
  type LogEvent,
  type LoomEvent,
  type OutputEvent,
  type PhaseFields,
  type PhaseFinishEvent,
  type PhaseStartEvent,
  unreachable,
} from "@loom/core";

/**
 * Writes a record as one line of a stream, without its newline.
 *
 * Keys are in the order of docs/contract.md#events, whatever order the record has them in;
 * the facts of a `log` keep their own. Written out by kind because every record
 * of a run passes here.
 */
export function encodeEvent(record: LoomEvent): string {
  switch (record.event) {
    case "phase_start":
      return `${opening(record)}${phaseFields(record)}${beginning(record)}}`;
    case "phase_finish":
      return `${opening(record)}${phaseFields(record)}${outcome(record)}}`;
    case "job_state":
      return `${opening(record)}${jobState(record)}}`;
    case "log":
      return `${opening(record)}${facts(record)}}`;
    case "output":
      return `${opening(record)}${output(record)}}`;
    default:
      return unreachable(record);
  }
}

function opening(record: EventBase & { readonly event: string }): string {
  return `{"seq":${record.seq},"ts":${JSON.stringify(record.ts)},"event":"${record.event}"`;
}

function phaseFields(record: PhaseFields): string {
  let text =
    `,"schema_version":${JSON.stringify(record.schema_version)}` +
    `,"run_id":${JSON.stringify(record.run_id)}` +
    `,"pipeline_id":${JSON.stringify(record.pipeline_id)}` +
    `,"scope":"${record.scope}","phase_code":"${record.phase_code}","phase_family":"${record.phase_family}"`;
  if (record.job_id !== undefined) text += `,"job_id":${JSON.stringify(record.job_id)}`;
  if (record.section !== undefined) text += `,"section":"${record.section}"`;
  if (record.step !== undefined) text += `,"step":${record.step}`;
  if (record.attempt !== undefined) text += `,"attempt":${record.attempt}`;
  return text;
}

function beginning({ from_step: fromStep }: PhaseStartEvent): string {
  return fromStep === undefined ? "" : `,"from_step":${fromStep}`;
}

function outcome(record: PhaseFinishEvent): string {
  let text = `,"status":"${record.status}","duration_ms":${record.duration_ms}`;
  if (record.exit_code !== undefined) text += `,"exit_code":${record.exit_code}`;
  if (record.signal !== undefined) text += `,"signal":${JSON.stringify(record.signal)}`;
  if (record.error !== undefined) {
    const { code, message } = record.error;
    text += `,"error":{"code":${JSON.stringify(code)},"message":${JSON.stringify(message)}}`;
  }
  if (record.tolerated === true) text += ',"tolerated":true';
  return text;
}

function jobState(record: JobStateEvent): string {
  let text = `,"job_id":${JSON.stringify(record.job_id)},"from":"${record.from}","to":"${record.to}"`;
  if (record.reason !== undefined) text += `,"reason":${JSON.stringify(record.reason)}`;
  if (record.blocked_by !== undefined) text += `,"blocked_by":${JSON.stringify(record.blocked_by)}`;
  if (record.kept_from !== undefined) text += `,"kept_from":${JSON.stringify(record.kept_from)}`;
  return text;
}

function facts(record: LogEvent): string {
  let text = `,"level":"${record.level}","message":${JSON.stringify(record.message)}`;
  for (const name of Object.keys(record)) {
    if (name === "seq" || name === "ts" || name === "event" || name === "level" || name === "message")
      continue;
    text += `,${JSON.stringify(name)}:${JSON.stringify(record[name])}`;
  }
  return text;
}

function output(record: OutputEvent): string {
  let text = `,"stream":"${record.stream}","text":${JSON.stringify(record.text)}`;
  if (record.partial === true) text += ',"partial":true';
  if (record.lossy === true) text += ',"lossy":true';
  return text;
}
