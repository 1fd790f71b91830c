import type { FitTextOptions } from "./fit-text.ts";

/** What a tool found. */
export interface ToolFinding {
  /** Of the tool's `outputSchema`. */
  readonly data: object;
  /** For people and models; cut to 4 KiB. */
  readonly lines: readonly string[];
  /** Which lines stay when they are too many. Default: the first. */
  readonly keep?: FitTextOptions["keep"];
}

/** Why a tool found nothing: one sentence that says what, where, and what to do. */
export interface Refusal {
  readonly message: string;
}
