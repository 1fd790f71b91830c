import type { RecognisedError } from "./recognised-error.ts";

/** What a rule says about the line it matched. Absent fields: from the named groups of its pattern, or none. */
export interface RuleReading {
  readonly tool?: string;
  readonly message?: string | undefined;
  readonly file?: string | undefined;
  readonly line?: string | undefined;
  readonly column?: string | undefined;
  readonly severity?: string | undefined;
  readonly code?: string | undefined;
  readonly role?: RecognisedError["role"];
  /** The test that failed. */
  readonly test?: string | undefined;
  /** No error: the line and its `span` are passed over, as what a passing test printed. */
  readonly ignore?: boolean;
  /**
   * No error, and neither is what led to it: a tool says that it goes on although a command failed. The errors
   * before the line are passed over up to a blank line, and those of the same tools before it, back to a line that
   * matches this one.
   */
  readonly handledSince?: RegExp;
  /** How many lines further the error itself is said. Default: 0. */
  readonly offset?: number;
  /** How many lines behind the matched one belong to this error and say nothing of their own. Default: `offset`. */
  readonly span?: number;
  /** How many lines further what a person has to see of it begins, below 0 for earlier ones. Default: `offset`, at most. */
  readonly first?: number;
  /** How many lines further that ends. Default: `span`. */
  readonly last?: number;
}

/**
 * How one form of error is recognised.
 *
 * Patterns are anchored at the beginning of the line and written so that their
 * time grows with the line at most; named groups `file`, `line`, `column`,
 * `severity`, `code` and `message` are read as they are.
 */
export interface Rule {
  readonly tool: string;
  readonly pattern: RegExp;
  /** Default: `cause`. */
  readonly role?: RecognisedError["role"];
  /** Default: by the group `severity`, else `error`. */
  readonly severity?: RecognisedError["severity"];
  /** Reads what the groups do not say by themselves. `undefined`: it is not this after all. */
  readonly read?: (
    groups: Readonly<Record<string, string | undefined>>,
    near: Near,
  ) => RuleReading | undefined;
}

/** The lines around the matched one. */
export interface Near {
  /** The line so many behind (above 0) or before (below 0) the matched one; `undefined` outside. */
  at(offset: number): string | undefined;
  /** The first line behind the matched one, within so many, that matches; it does not look past one that matches `until`. */
  find(pattern: RegExp, within: number, until?: RegExp): Found | undefined;
  /** The first line behind the matched one that is not blank, within so many. */
  text(within: number): Found | undefined;
}

/** A line nearby. */
export interface Found {
  readonly offset: number;
  readonly groups: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

/** The lines around one of many. */
export function nearLine(lines: readonly string[], index: number): Near {
  const near: Near = {
    at: (offset) => lines[index + offset],
    find(pattern, within, until) {
      for (let offset = 1; offset <= within; offset += 1) {
        const text = lines[index + offset];
        if (text === undefined) return undefined;
        const match = pattern.exec(text);
        if (match !== null) return { offset, groups: match.groups ?? {}, text };
        if (until?.test(text) === true) return undefined;
      }
      return undefined;
    },
    text: (within) => near.find(/\S/, within),
  };
  return near;
}
