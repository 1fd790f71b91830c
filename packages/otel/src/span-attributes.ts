import type { Attributes } from "@opentelemetry/api";
import { stepTitle, unreachable } from "@loom/core";
import { spanId, type RunSpan } from "@loom/record";

/** What the spans of a run have in common. */
export interface SpanFacts {
  readonly runId: string;
  /** How the pipeline is called: low in cardinality. */
  readonly pipelineName: string;
}

/** How a span is called. Commands may be long and differ; their first line has to do. */
export function spanName({ unit, command, name }: RunSpan, { pipelineName }: SpanFacts): string {
  switch (unit.kind) {
    case "run":
      return `RUN ${pipelineName}`;
    case "phase":
      return unit.phase;
    case "job":
      return unit.jobId;
    case "section":
      return unit.section;
    case "step":
      return command === undefined ? `step ${unit.step}` : stepTitle(firstLine(command), name).slice(0, 200);
    default:
      return unreachable(unit);
  }
}

/** What a span says, by the semantic conventions for CI/CD; what these do not name begins with `loom.`. */
export function spanAttributes(span: RunSpan, facts: SpanFacts): Attributes {
  const { unit, exitCode, signal, error, reason, command, tolerated } = span;
  const result = resultOf(span);
  const about: Attributes = {
    ...(exitCode !== undefined && { "process.exit.code": exitCode }),
    ...(signal !== undefined && { "loom.signal": signal }),
    ...(reason !== undefined && { "loom.reason": reason }),
    ...(tolerated !== undefined && { "loom.tolerated": tolerated }),
    ...(span.status === "failed" && { "error.type": error?.code ?? reason ?? "_OTHER" }),
  };
  switch (unit.kind) {
    case "run":
      return {
        "cicd.pipeline.name": facts.pipelineName,
        "cicd.pipeline.run.id": facts.runId,
        "cicd.pipeline.action.name": "RUN",
        ...(result !== undefined && { "cicd.pipeline.result": result }),
        ...about,
      };
    case "phase":
      return { "loom.phase": unit.phase, ...about };
    case "job":
    case "section":
    case "step":
      return {
        "cicd.pipeline.task.name": spanName(span, facts),
        "cicd.pipeline.task.run.id": `${facts.runId}/${spanId(unit)}`,
        ...(result !== undefined && { "cicd.pipeline.task.run.result": result }),
        "loom.unit": unit.kind,
        "loom.job": unit.jobId,
        ...("attempt" in unit && { "loom.attempt": unit.attempt }),
        ...("step" in unit && { "loom.step": unit.step }),
        ...(command !== undefined && { "loom.command": command }),
        ...about,
      };
    default:
      return unreachable(unit);
  }
}

/** In the words of the conventions; `undefined` for what has not ended. */
function resultOf({ status, error }: RunSpan): string | undefined {
  switch (status) {
    case "success":
      return "success";
    case "failed":
      return error?.code === "timeout" ? "timeout" : "failure";
    case "skipped":
      return "skip";
    case "cancelled":
      return "cancellation";
    case "running":
      return undefined;
    default:
      return unreachable(status);
  }
}

function firstLine(text: string): string {
  return text.trimStart().split("\n", 1)[0] ?? "";
}
