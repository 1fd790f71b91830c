import type { RunStatus, SkipReason } from "@loom/core";
import { oneOf, type Shape } from "../shape/shape.ts";

/** How a pipeline or a run ended. */
export const RUN_STATUS: Shape<RunStatus> = oneOf("success", "failure", "cancelled");

/** Why a job was skipped. */
export const SKIP_REASON: Shape<SkipReason> = oneOf(
  "upstream_failed",
  "stage_blocked",
  "condition_not_met",
  "bootstrap_failed",
  "not_selected",
);
