/** Letters and digits behind a backslash mean classes, places, or characters by their code. */
const ESCAPED_LITERAL = /^[^\w\s]$/;

/** Stand for themselves, and JSON writes them as they are. */
const LITERAL = /^[\w ,;:=%@#&<>~'/!-]$/;

/** Repeats of which none may come. Other braces stand for themselves. */
const REPEAT = /^(?:[*?]|\{\d+(?:,\d*)?\})/;
const LONGEST_REPEAT = "{1000,1000}".length;

/**
 * Finds a text that stands in every text that a regular expression matches.
 *
 * Only what surely does: groups, classes and choices are passed over, and an
 * expression with flags or quoted parts is not looked at.
 *
 * Source of the rules: RE2, https://github.com/google/re2/wiki/Syntax.
 *
 * @param pattern - A valid expression.
 * @returns The longest, of printable ASCII without quotes and backslashes; `undefined` where none is known.
 */
export function requiredLiteral(pattern: string): string | undefined {
  // Flags change what letters mean; \Q begins a quoted part.
  if (/\(\?[^:P<]|\\Q/.test(pattern)) return undefined;
  const runs: string[] = [];
  let run = "";
  const endRun = (): void => {
    runs.push(run);
    run = "";
  };
  let at = 0;
  while (at < pattern.length) {
    const character = pattern[at];
    const escaped = character === "\\" ? (pattern[at + 1] ?? "") : undefined;
    if (character === "|" || character === undefined) return undefined;
    const repeat = REPEAT.exec(pattern.slice(at, at + LONGEST_REPEAT))?.[0];
    if (repeat !== undefined) {
      // What it repeats may be absent.
      run = run.slice(0, -1);
      endRun();
      at += repeat.length;
    } else if (LITERAL.test(character)) {
      run += character;
      at += 1;
    } else if (escaped !== undefined && ESCAPED_LITERAL.test(escaped) && /^[ !#-[\]-~]$/.test(escaped)) {
      run += escaped;
      at += 2;
    } else {
      endRun();
      const end = endOfPart(pattern, at);
      if (end === undefined) return undefined;
      at = end;
    }
  }
  endRun();
  const longest = runs.reduce((best, each) => (each.length > best.length ? each : best), "");
  return longest === "" ? undefined : longest;
}

/** Where a part ends that is no literal; `undefined` where that is not certain. */
function endOfPart(pattern: string, start: number): number | undefined {
  const character = pattern[start];
  if (character === "[") return endOfClass(pattern, start);
  if (character === "(") return endOfGroup(pattern, start);
  if (character !== "\\") return start + 1;
  // Longer ones, as of \pN and \x41, are left alone.
  return /^[bBdDsSwWAzntrfv]$/.test(pattern[start + 1] ?? "") ? start + 2 : undefined;
}

function endOfGroup(pattern: string, start: number): number | undefined {
  let depth = 0;
  let at = start;
  while (at < pattern.length) {
    const character = pattern[at];
    if (character === "[") {
      const end = endOfClass(pattern, at);
      if (end === undefined) return undefined;
      at = end;
      continue;
    }
    if (character === "(") depth += 1;
    if (character === ")") depth -= 1;
    at += character === "\\" ? 2 : 1;
    if (depth === 0) return at;
  }
  return undefined;
}

/** A bracket that stands first in a class is one of its members. */
function endOfClass(pattern: string, start: number): number | undefined {
  const members = /^\[\^?\]?/.exec(pattern.slice(start))?.[0] ?? "[";
  let at = start + members.length;
  while (at < pattern.length) {
    const character = pattern[at];
    // Named classes have brackets of their own.
    if (character === "[") return undefined;
    if (character === "]") return at + 1;
    at += character === "\\" ? 2 : 1;
  }
  return undefined;
}
