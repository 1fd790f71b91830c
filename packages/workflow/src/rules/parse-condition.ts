import { err, ok, unreachable, type Result } from "@loom/core";
import { conditionTokens, type ConditionOperator, type ConditionToken } from "./condition-tokens.ts";
import type { Condition, ConditionError, ConditionValue } from "./condition.ts";

/** How deep parentheses and negations may stand in each other; keeps the parser far from the end of the stack. */
const MAX_DEPTH = 50;

/**
 * Parses a condition.
 *
 * From strong to weak: parentheses and `!`, then `==` `!=` `=~` `!~`, then
 * `&&`, then `||`.
 *
 * @returns The condition, or the first error with its place in the text.
 */
export function parseCondition(text: string): Result<Condition, ConditionError> {
  const tokens = conditionTokens(text);
  if (!tokens.ok) return tokens;
  const cursor: Cursor = { tokens: tokens.value, at: 0 };
  const condition = parseTerms(cursor, "||", 0);
  if (!condition.ok) return condition;
  const rest = peek(cursor);
  if (rest.kind === "end") return condition;
  return wrong(
    rest,
    isOperator(rest, ")") ? "remove this parenthesis, or open it before" : "join conditions with && or ||",
  );
}

interface Cursor {
  readonly tokens: readonly ConditionToken[];
  at: number;
}

type Parsed = Result<Condition, ConditionError>;

function parseTerms(cursor: Cursor, operator: "||" | "&&", depth: number): Parsed {
  const terms: Condition[] = [];
  for (;;) {
    const term = operator === "||" ? parseTerms(cursor, "&&", depth) : parseFactor(cursor, depth);
    if (!term.ok) return term;
    terms.push(term.value);
    if (!isOperator(peek(cursor), operator)) break;
    cursor.at += 1;
  }
  const [only] = terms;
  return ok(
    terms.length === 1 && only !== undefined ? only : { kind: operator === "||" ? "or" : "and", terms },
  );
}

function parseFactor(cursor: Cursor, depth: number): Parsed {
  const token = peek(cursor);
  if (depth >= MAX_DEPTH) return wrong(token, `nest conditions at most ${MAX_DEPTH} deep`);
  if (isOperator(token, "!")) {
    cursor.at += 1;
    const first = peek(cursor);
    const term = parseNegated(cursor, depth + 1);
    if (!term.ok || !isComparison(peek(cursor)))
      return term.ok ? ok({ kind: "not", term: term.value }) : term;
    return wrong({ start: first.start, end: peek(cursor).end }, "put the comparison after ! in parentheses");
  }
  if (isOperator(token, "(")) {
    cursor.at += 1;
    const inner = parseTerms(cursor, "||", depth + 1);
    if (!inner.ok) return inner;
    if (!isOperator(peek(cursor), ")")) return wrong(token, "close this parenthesis");
    cursor.at += 1;
    if (isComparison(peek(cursor)))
      return wrong(peek(cursor), "compare variables, literals and null, not conditions");
    return inner;
  }
  const left = parseValue(cursor);
  if (!left.ok) return left;
  return isComparison(peek(cursor))
    ? parseComparison(cursor, left.value)
    : ok({ kind: "set", value: left.value });
}

/** What `!` applies to: one value, a parenthesis or another `!`, never a comparison. */
function parseNegated(cursor: Cursor, depth: number): Parsed {
  const token = peek(cursor);
  if (isOperator(token, "!") || isOperator(token, "(")) return parseFactor(cursor, depth);
  const value = parseValue(cursor);
  return value.ok ? ok({ kind: "set", value: value.value }) : value;
}

function parseComparison(cursor: Cursor, left: ConditionValue): Parsed {
  const operator = peek(cursor);
  cursor.at += 1;
  const negated = isOperator(operator, "!=") || isOperator(operator, "!~");
  if (isOperator(operator, "=~") || isOperator(operator, "!~")) {
    const regex = peek(cursor);
    if (regex.kind !== "regex")
      return wrong(placeOf(regex, operator), "match against a regular expression: /pattern/");
    cursor.at += 1;
    return ok({ kind: "match", negated, left, pattern: regex.pattern, flags: regex.flags });
  }
  const right = parseValue(cursor);
  if (!right.ok) return right;
  if (isComparison(peek(cursor))) return wrong(peek(cursor), "join comparisons with && or ||");
  return ok({ kind: "equal", negated, left, right: right.value });
}

function parseValue(cursor: Cursor): Result<ConditionValue, ConditionError> {
  const token = peek(cursor);
  switch (token.kind) {
    case "variable":
      cursor.at += 1;
      return ok({ kind: "variable", name: token.name });
    case "text":
      cursor.at += 1;
      return ok({ kind: "text", text: token.text });
    case "null":
      cursor.at += 1;
      return ok({ kind: "null" });
    case "regex":
      return wrong(token, "put =~ or !~ before a regular expression");
    case "end":
      return wrong(placeOf(token, cursor.tokens[cursor.at - 1]), "complete this condition");
    case "operator":
      return wrong(token, "put a variable, a literal or null here");
    default:
      return unreachable(token);
  }
}

function peek(cursor: Cursor): ConditionToken {
  const token = cursor.tokens[cursor.at];
  if (token === undefined) throw new Error("Cannot read past the end of a condition");
  return token;
}

function isOperator(token: ConditionToken, operator: ConditionOperator): boolean {
  return token.kind === "operator" && token.operator === operator;
}

function isComparison(token: ConditionToken): boolean {
  return token.kind === "operator" && ["==", "!=", "=~", "!~"].includes(token.operator);
}

/** The end of a condition has no width; the word before it can be pointed at. */
function placeOf(
  token: ConditionToken,
  before: ConditionToken | undefined,
): { readonly start: number; readonly end: number } {
  return token.kind === "end" && before !== undefined ? before : token;
}

function wrong(
  { start, end }: { readonly start: number; readonly end: number },
  message: string,
): { readonly ok: false; readonly error: ConditionError } {
  return err({ start, end, message });
}
