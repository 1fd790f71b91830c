import type { JobId, LogLevel, OutputStream, SectionName } from "@loom/core";

/** Which part of a job said something. */
export type LogUnit =
  | {
      readonly kind: "step";
      /** From 1. */
      readonly step: number;
      /** Only for a step of an attempt that a later one has replaced; from 1. */
      readonly attempt?: number;
    }
  | { readonly kind: "section"; readonly section: SectionName };

/** One line of a job. */
export interface LogLine {
  /** Place in the order of the run. */
  readonly seq: number;
  /** RFC 3339, UTC, milliseconds. */
  readonly ts: string;
  readonly jobId: JobId;
  readonly unit: LogUnit;
  /** `log`: Loom says it about its own work. */
  readonly stream: OutputStream | "log";
  /** Only for `log`. */
  readonly level?: LogLevel;
  /**
   * Without its newline, control characters and all. Of a line that overwrote
   * itself with `\r` the last state, unless `raw` was asked for.
   */
  readonly text: string;
  /** The line, of more than a million characters, goes on in the next one of the same unit and stream. */
  readonly partial?: true;
}

/** A regular expression by the rules of RE2: it is matched in time linear in the line, whatever a job printed. */
export interface LinePattern {
  matches(text: string): boolean;
  /** What stands in every text that matches. Absent: nothing is known to. */
  readonly literal?: string;
  /** Every text that holds `literal` matches, too. Default: no. */
  readonly isLiteral?: boolean;
  /** Capital and small letters of `literal` are the same, by the rules of Unicode. Default: no. */
  readonly ignoresCase?: boolean;
}

/** Which lines of a run. */
export interface LogQuery {
  /** Default: all jobs. */
  readonly job?: string | undefined;
  /** From 1, of every attempt. Default: all steps and sections. */
  readonly step?: number | undefined;
  /** Only this attempt at a job, from 1; sections are of all attempts. Default: all. */
  readonly attempt?: number | undefined;
  /** Only what was printed then or later. RFC 3339, UTC, milliseconds. */
  readonly since?: string | undefined;
  /** Default: both outputs, and what Loom says in sections. */
  readonly streams?: readonly LogLine["stream"][] | undefined;
  /** Only lines that hold this text, or match. Searched is what is given. */
  readonly grep?: string | LinePattern | undefined;
  /** Only so many lines from the end. Earlier ones are not read. Default: all. */
  readonly tail?: number | undefined;
  /** Gives all that a line printed that overwrote itself with `\r`. Default: its last state. */
  readonly raw?: boolean | undefined;
}
