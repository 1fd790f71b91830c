import { RUN_STATUSES, SKIP_REASONS, type RunStatus, type SkipReason } from "@loom/core";
import { oneOf, type Shape } from "../shape/shape.ts";

/** How a pipeline or a run ended. */
export const RUN_STATUS: Shape<RunStatus> = oneOf(...RUN_STATUSES);

/** Why a job was skipped. */
export const SKIP_REASON: Shape<SkipReason> = oneOf(...SKIP_REASONS);
