import { err, ok, type Result } from "@loom/core";
import { patternError } from "./linear-pattern.ts";
import type { ConditionError } from "./condition.ts";

/** One word of a condition and where it stands. */
export type ConditionToken = { readonly start: number; readonly end: number } & (
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "regex"; readonly pattern: string; readonly flags: string }
  | { readonly kind: "null" | "end" }
  | { readonly kind: "operator"; readonly operator: ConditionOperator }
);

/** Everything in a condition that is not a value. */
export type ConditionOperator = "==" | "!=" | "=~" | "!~" | "&&" | "||" | "!" | "(" | ")";

const OPERATORS: readonly ConditionOperator[] = ["==", "!=", "=~", "!~", "&&", "||", "!", "(", ")"];

/** Cuts a condition into words, ending with `end`. Linear. */
export function conditionTokens(text: string): Result<readonly ConditionToken[], ConditionError> {
  const tokens: ConditionToken[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && /\s/.test(text.charAt(at))) at += 1;
    if (at >= text.length) break;
    const read = nextToken(text, at);
    if (!read.ok) return read;
    tokens.push(read.value);
    at = read.value.end;
  }
  tokens.push({ kind: "end", start: text.length, end: text.length });
  return ok(tokens);
}

type Read = Result<ConditionToken, ConditionError>;

function nextToken(text: string, start: number): Read {
  const operator = OPERATORS.find((candidate) => text.startsWith(candidate, start));
  if (operator !== undefined) return ok({ kind: "operator", operator, start, end: start + operator.length });
  switch (text.charAt(start)) {
    case "$":
      return readVariable(text, start);
    case '"':
      return readText(text, start);
    case "/":
      return readRegex(text, start);
    default:
      return readWord(text, start);
  }
}

function readVariable(text: string, start: number): Read {
  const found = /\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})/y;
  found.lastIndex = start;
  const match = found.exec(text);
  if (match === null && text.startsWith("${{", start)) {
    const end = text.indexOf("}}", start);
    const message = "write a variable as $NAME, such as $CI_COMMIT_BRANCH: ${{ }} is GitHub's";
    return wrong(start, end === -1 ? start + 3 : end + 2, message);
  }
  if (match === null) return wrong(start, start + 1, "write a variable as $NAME");
  return ok({ kind: "variable", name: match[1] ?? match[2] ?? "", start, end: start + match[0].length });
}

function readText(text: string, start: number): Read {
  let value = "";
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '"') return ok({ kind: "text", text: value, start, end: at + 1 });
    const escaped = character === "\\" && (text.charAt(at + 1) === '"' || text.charAt(at + 1) === "\\");
    if (escaped) at += 1;
    value += escaped ? text.charAt(at) : character;
  }
  return wrong(start, text.length, 'close this literal with "');
}

function readRegex(text: string, start: number): Read {
  let at = start + 1;
  let inClass = false;
  for (; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "\\") at += 1;
    else if (character === "[") inClass = true;
    else if (character === "]") inClass = false;
    else if (character === "/" && !inClass) break;
  }
  if (at >= text.length) return wrong(start, text.length, "close this regular expression with /");
  const flags = /[A-Za-z]*/y;
  flags.lastIndex = at + 1;
  const written = flags.exec(text)?.[0] ?? "";
  const end = at + 1 + written.length;
  if (!/^[imsu]*$/.test(written) || new Set(written).size < written.length) {
    return wrong(at + 1, end, "use the flags i, m, s and u only, each once");
  }
  const pattern = text.slice(start + 1, at);
  const judged = patternError(pattern, written);
  if (!judged.ok) {
    const { reason, start: from, end: to } = judged.error;
    return wrong(
      start + 1 + from,
      start + 1 + Math.max(to, from + 1),
      `correct this regular expression: ${reason}`,
    );
  }
  return ok({ kind: "regex", pattern, flags: written, start, end });
}

function readWord(text: string, start: number): Read {
  const word = /[^\s$"/=!&|()]+/y;
  word.lastIndex = start;
  const written = word.exec(text)?.[0] ?? text.charAt(start);
  const end = start + written.length;
  if (written === "null") return ok({ kind: "null", start, end });
  if (written.startsWith("'")) return wrong(start, end, "write literals in double quotes");
  if (written === "=") return wrong(start, end, "compare with ==");
  if (written === "&" || written === "|") return wrong(start, end, `write ${written}${written}`);
  if (/^[A-Z_][A-Z0-9_]*$/.test(written)) return wrong(start, end, `write the variable as $${written}`);
  return wrong(
    start,
    end,
    foreignFix(written, text.charAt(end) === "(") ??
      "write a literal in double quotes, or a variable as $NAME",
  );
}

function wrong(start: number, end: number, message: string): Read {
  return err({ start, end, message });
}

/** What GitHub's functions and contexts are here. */
function foreignFix(word: string, isCall: boolean): string | undefined {
  if (isCall) return Object.hasOwn(FUNCTIONS, word) ? FUNCTIONS[word] : undefined;
  const [, context = "", name = ""] = /^(env|vars|matrix|github)\.([\w-]+)$/.exec(word) ?? [];
  if (context === "") return undefined;
  if (context === "github")
    return `write a variable as $NAME, such as $CI_COMMIT_BRANCH: ${word} is GitHub's`;
  return `write the variable as $${name.toUpperCase().replaceAll("-", "_")}`;
}

const STATUS = "a job says with when after which results it runs, and after_script runs always";

const FUNCTIONS: Readonly<Record<string, string>> = {
  always: `remove always(): ${STATUS}`,
  success: `remove success(): ${STATUS}`,
  failure: `remove failure(): ${STATUS}`,
  cancelled: `remove cancelled(): ${STATUS}`,
  contains: "match instead of contains(): $NAME =~ /text/",
  startsWith: "match instead of startsWith(): $NAME =~ /^text/",
  endsWith: "match instead of endsWith(): $NAME =~ /text$/",
};
