import type { ExplainedOutcome } from "@loom/diagnosis";
import type { JSX } from "preact";
import type { ReportedJob, ReportedStep } from "../report-data.ts";

/** How a status is shown: never by its colour alone. */
export type StatusLook =
  | "success"
  | "failed"
  | "allowed"
  | "skipped"
  | "blocked"
  | "cancelled"
  | "running"
  | "waiting";

/** In the order in which a list by status has them: what needs a look comes first. */
export const LOOKS: readonly StatusLook[] = [
  "failed",
  "allowed",
  "cancelled",
  "blocked",
  "running",
  "waiting",
  "success",
  "skipped",
];

const WORDS: { readonly [L in StatusLook]: string } = {
  success: "success",
  failed: "failed",
  allowed: "failed, allowed",
  skipped: "skipped",
  blocked: "blocked",
  cancelled: "cancelled",
  running: "running",
  waiting: "waiting",
};

/** Strokes in a box of 16. */
const SIGNS: { readonly [L in StatusLook]: string } = {
  success: "M3.5 8.5l3 3 6-7",
  failed: "M4 4l8 8M12 4l-8 8",
  allowed: "M8 3v6.5M8 12.4v.6",
  skipped: "M3 8h9M9 4.5L12.5 8 9 11.5",
  blocked: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M4.2 4.2l7.6 7.6",
  cancelled: "M4.5 4.5h7v7h-7z",
  running: "M5 3.5l7 4.5-7 4.5z",
  waiting: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M8 5v3.2l2 1.3",
};

/** What is shown for a job. */
export function lookOf({ status, allowed, blocked_by: blockedBy }: ReportedJob): StatusLook {
  switch (status) {
    case "failed":
      return allowed === true ? "allowed" : "failed";
    case "skipped":
      return blockedBy.length > 0 ? "blocked" : "skipped";
    case "pending":
    case "ready":
      return "waiting";
    case "success":
    case "cancelled":
    case "running":
      return status;
    default:
      return status satisfies never;
  }
}

/** What is shown for a step. */
export function lookOfStep({ status, tolerated }: ReportedStep): StatusLook {
  if (status === "failed" && tolerated === true) return "allowed";
  return status === "pending" ? "waiting" : status;
}

/** What is shown for a run. */
export function lookOfRun(outcome: ExplainedOutcome): StatusLook {
  switch (outcome) {
    case "failure":
    case "interrupted":
      return "failed";
    case "unfinished":
      return "waiting";
    case "success":
    case "cancelled":
    case "running":
      return outcome;
    default:
      return outcome satisfies never;
  }
}

/** The word of a look. */
export function wordOf(look: StatusLook): string {
  return WORDS[look];
}

/** The sign of a look. Its word stands beside it, or in the name of what it is in. */
export function Sign({ look }: { readonly look: StatusLook }): JSX.Element {
  return (
    <svg class={`sign is-${look}`} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
      <path d={SIGNS[look]} />
    </svg>
  );
}

/** The strokes of a sign, for drawings. */
export function SignPath({
  look,
  x,
  y,
}: {
  readonly look: StatusLook;
  readonly x: number;
  readonly y: number;
}): JSX.Element {
  return (
    <path class={`sign-path is-${look}`} d={SIGNS[look]} transform={`translate(${x} ${y}) scale(.82)`} />
  );
}

/** Sign and word. */
export function Status({
  look,
  word = WORDS[look],
}: {
  readonly look: StatusLook;
  readonly word?: string;
}): JSX.Element {
  return (
    <span class={`status is-${look}`}>
      <Sign look={look} />
      {word}
    </span>
  );
}
