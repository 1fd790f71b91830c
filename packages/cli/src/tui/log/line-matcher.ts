import { cleanLine } from "../../text/clean-line.ts";
import { decodeLogLine, type LogLine } from "./log-line.ts";

/** Decides whether a line is looked for. */
export interface LineMatcher {
  /** As the person wrote it. */
  readonly query: string;
  /** Judges a record as it stands in its file. */
  matchesRecord(json: string): boolean;
  /** Judges a line. */
  matches(line: LogLine): boolean;
  /** Finds it in cleaned text, for marking: a global expression; absent where there is no text to mark. */
  readonly mark?: RegExp;
}

const TEXT_KEY = '"text":"';
const EVENT_OUTPUT = '"event":"output"';

/**
 * Reads what a person looks for: plain text in smart case (capitals count only
 * when there are some), `/pattern/` for a regular expression.
 *
 * In a filter (`asFilter`), a leading `!` turns it round and `err` alone means
 * what was printed on stderr.
 *
 * @returns `undefined` for nothing to look for, or a pattern that is none.
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
    const matches = (line: LogLine): boolean => line.stream === "err";
    return {
      query,
      matches,
      matchesRecord: (json) => json.includes('"stream":"stderr"') && matches(decodeLogLine(0, json)),
    };
  }
  const mark = expressionOf(query);
  if (mark === undefined) return undefined;
  const tests = (text: string): boolean => {
    mark.lastIndex = 0;
    return mark.test(text);
  };
  const matches = (line: LogLine): boolean => tests(bare(line.text));
  return {
    query,
    mark,
    matches,
    matchesRecord: (json) => {
      const plain = plainText(json);
      return plain === undefined ? matches(decodeLogLine(0, json)) : tests(plain);
    },
  };
}

/** Lines that look like the report of an error. */
export const ERROR_MATCHER: LineMatcher = errorMatcher();

function errorMatcher(): LineMatcher {
  const words =
    /(?:^|[\s[(:>])(?:error|fatal|panic|failed|failure|err!|traceback|undefined reference|not ok|segmentation fault)(?:$|[\s:\])!,.(])|^\s*(?:✗|×|✖) /i;
  const classes = /(?:^|[\s[(:>])[A-Z]\w*(?:Error|Exception)\b/;
  const none = /\b(?:0|no) (?:errors?|failed|failures?)\b/i;
  const matches = (line: LogLine): boolean => {
    if (line.stream === "sys") return /\b(?:failed|error)\b/.test(line.text);
    const text = bare(line.text);
    return (words.test(text) || classes.test(text)) && !none.test(text);
  };
  const plainMatches = (text: string): boolean => matches({ row: 0, ts: "", stream: "out", text });
  return {
    query: "error",
    matches,
    matchesRecord: (json) => {
      const plain = plainText(json);
      return plain === undefined ? matches(decodeLogLine(0, json)) : plainMatches(plain);
    },
  };
}

/** The text of a record that needs no decoding; `undefined` for the others. */
function plainText(json: string): string | undefined {
  if (json.includes("\\") || !json.endsWith('"}')) return undefined;
  const at = json.indexOf(TEXT_KEY);
  if (at < 0 || !json.startsWith(EVENT_OUTPUT, json.indexOf('"event"'))) return undefined;
  return json.slice(at + TEXT_KEY.length, -2);
}

function bare(text: string): string {
  return cleanLine(text, { color: false });
}

function expressionOf(query: string): RegExp | undefined {
  if (query === "") return undefined;
  const pattern = /^\/(.+)\/$/.exec(query)?.[1];
  const source = pattern ?? query.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  const flags = /[A-Z]/.test(query) ? "gu" : "giu";
  for (const tried of [flags, flags.replace("u", "")]) {
    try {
      return new RegExp(source, tried);
    } catch {
      continue;
    }
  }
  return undefined;
}
