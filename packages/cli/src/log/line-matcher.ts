import { RE2JS, RE2JSSyntaxException } from "re2js";
import { cleanLine } from "@loom/reporters/view";
import { decodeLogLine, type ScreenLine } from "./log-line.ts";

/** Decides whether a line matches a query. */
export interface LineMatcher {
  /** As the user typed it. */
  readonly query: string;
  /** Whether a record matches, given as the JSON text in its file. */
  matchesRecord(json: string): boolean;
  /** Whether a line matches. */
  matches(line: ScreenLine): boolean;
  /** Replaces each match in cleaned text, to highlight it; absent where there is no text to highlight. */
  readonly mark?: (text: string, replace: (found: string) => string) => string;
}

const TEXT_KEY = '"text":"';
const EVENT_OUTPUT = '"event":"output"';

/**
 * Parses a query: plain text in smart case (case matters only if the query has capitals), or `/pattern/` for a
 * regular expression.
 *
 * In a filter (`asFilter`), a leading `!` inverts it, and `err` alone matches what was printed on stderr.
 *
 * @returns `undefined` for an empty query or an invalid pattern.
 */
export function lineMatcher(query: string, asFilter = false): LineMatcher | undefined {
  if (asFilter && query.startsWith("!") && query.length > 1) {
    const inner = lineMatcher(query.slice(1), true);
    return (
      inner && {
        query,
        matchesRecord: (json) => !inner.matchesRecord(json),
        matches: (line) => !inner.matches(line),
      }
    );
  }
  if (asFilter && query === "err") {
    const matches = (line: ScreenLine): boolean => line.stream === "err";
    return {
      query,
      matches,
      matchesRecord: (json) => json.includes('"stream":"stderr"') && matches(decodeLogLine(0, json)),
    };
  }
  const expression = expressionOf(query);
  if (expression === undefined) return undefined;
  const tests = testOf(query) ?? ((text: string): boolean => expression.matcher(text).find());
  const matches = (line: ScreenLine): boolean => tests(bare(line.text));
  return {
    query,
    mark: (text, replace) => marked(expression, text, replace),
    matches,
    matchesRecord: (json) => {
      const plain = plainText(json);
      return plain === undefined ? matches(decodeLogLine(0, json)) : tests(plain);
    },
  };
}

/** The text of an output record that needs no decoding; `undefined` for any other record. */
export function plainText(json: string): string | undefined {
  if (json.includes("\\") || !json.endsWith('"}')) return undefined;
  const at = json.indexOf(TEXT_KEY);
  if (at < 0 || !json.startsWith(EVENT_OUTPUT, json.indexOf('"event"'))) return undefined;
  return json.slice(at + TEXT_KEY.length, -2);
}

function bare(text: string): string {
  return cleanLine(text, { color: false });
}

/**
 * Compiles a query with RE2, which matches in time linear in the length of the line: no line that a job prints
 * can block the screen.
 */
function expressionOf(query: string): RE2JS | undefined {
  if (query === "") return undefined;
  const pattern = /^\/(.+)\/$/.exec(query)?.[1];
  const flags = /[A-Z]/.test(query) ? 0 : RE2JS.CASE_INSENSITIVE;
  try {
    return RE2JS.compile(pattern ?? RE2JS.quote(query), flags);
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return undefined;
    throw error;
  }
}

/** Matches plain text with the native engine, which is many times faster, and linear for a literal. */
function testOf(query: string): ((text: string) => boolean) | undefined {
  if (/^\/.+\/$/.test(query)) return undefined;
  if (/[A-Z]/.test(query)) return (text) => text.includes(query);
  const literal = new RegExp(query.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`), "iu");
  return (text) => literal.test(text);
}

function marked(expression: RE2JS, text: string, replace: (found: string) => string): string {
  const matcher = expression.matcher(text);
  let result = "";
  let from = 0;
  while (matcher.find()) {
    const [start, end] = [matcher.start(), matcher.end()];
    if (end === start) continue;
    result += text.slice(from, start) + replace(text.slice(start, end));
    from = end;
  }
  return result + text.slice(from);
}
