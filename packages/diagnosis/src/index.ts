export { recogniseErrors } from "./errors/recognise-errors.ts";
export type { RecognisedError } from "./errors/recognised-error.ts";
export { chooseExcerpt, type Excerpt } from "./errors/choose-excerpt.ts";
export { explainRun, type ExplainOptions } from "./explain/explain-run.ts";
export {
  EXPLANATION_BYTES,
  type ExplainedError,
  type ExplainedFailure,
  type ExplainedOutcome,
  type Explanation,
  type FailureMeaning,
  type OtherFailure,
} from "./explain/explanation.ts";
export { failureMeaning, type FailureFacts } from "./explain/failure-meaning.ts";
export { loadExplanationSchema } from "./explain/load-explanation-schema.ts";
export type { FollowOptions } from "./log/follow-log.ts";
export type { LogLine, LogQuery, LogUnit } from "./log/log-line.ts";
export { readLog, type ReadLogOptions } from "./log/read-log.ts";
