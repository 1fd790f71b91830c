import { err, ok, type Result } from "@loom/core";
import { RE2JS, RE2JSSyntaxException } from "re2js";

/** Why a pattern cannot be used, and where in it. */
export interface PatternError {
  readonly reason: string;
  /** Counted from 0, in UTF-16 code units of the pattern. */
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

const FLAGS: Readonly<Record<string, number>> = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
  // What it asks of JavaScript always holds here: texts are code points.
  u: 0,
};

/**
 * Whether a text holds what a pattern describes, in time linear in the text
 * whatever the pattern: a commit message of a stranger cannot hang a run.
 *
 * @param flags - Of `i`, `m`, `s` and `u`.
 * @throws On a pattern that `patternError` refuses.
 */
export function matchesLinearly(pattern: string, flags: string, text: string): boolean {
  return compile(pattern, flags).matcher(text).find();
}

/**
 * Judges a pattern.
 *
 * Source of the rules: RE2, https://github.com/google/re2/wiki/Syntax. It has
 * neither look-around nor back-references, which cannot be matched in linear time.
 */
export function patternError(pattern: string, flags: string): Result<void, PatternError> {
  try {
    compile(pattern, flags);
    return ok(undefined);
  } catch (thrown) {
    if (!(thrown instanceof RE2JSSyntaxException)) throw thrown;
    return err(explained(pattern, String(thrown.error), String(thrown.input ?? "")));
  }
}

function compile(pattern: string, flags: string): RE2JS {
  let bits = 0;
  for (const [flag, bit] of Object.entries(FLAGS)) if (flags.includes(flag)) bits |= bit;
  return RE2JS.compile(pattern, bits);
}

function explained(pattern: string, error: string, fragment: string): PatternError {
  const lookAround = /\(\?<?[=!]/.exec(pattern);
  const at = pattern.indexOf(fragment);
  if (lookAround !== null && (fragment === "" || fragment.startsWith("(?"))) {
    const start = lookAround.index;
    const reason = "look-around is not supported, since a text could make it take forever";
    return { reason, start, end: start + lookAround[0].length };
  }
  const place =
    fragment !== "" && at >= 0 ? { start: at, end: at + fragment.length } : { start: 0, end: pattern.length };
  if (/^\\(?:[1-9]|k)/.test(fragment)) {
    return { ...place, reason: "a back-reference is not supported, since a text could make it take forever" };
  }
  return { ...place, reason: fragment === "" || at < 0 ? error : `${error} in ${fragment}` };
}
