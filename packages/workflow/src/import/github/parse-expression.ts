/** An expression of GitHub Actions. */
export type Expression =
  | { readonly kind: "constant"; readonly value: string | number | boolean | null }
  /** `github.ref`, in lower case but for what follows the first dot. */
  | { readonly kind: "context"; readonly path: readonly string[] }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: "not"; readonly term: Expression }
  | { readonly kind: "and" | "or"; readonly terms: readonly Expression[] }
  | {
      readonly kind: "compare";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

/** Longest expression, and how deep it may nest. GitHub's own limit of the length is 21,000. */
const MAX_LENGTH = 21_000;
const MAX_DEPTH = 50;

/** Parses an expression, without `${{ }}`; undefined for what is none. */
export function parseExpression(text: string): Expression | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  const tokens: string[] = [];
  const pattern = /\s+|('(?:[^']|'')*'|&&|\|\||==|!=|<=|>=|[!<>()[\],.*]|-?\d[\w.]*|[A-Za-z_][\w-]*)/y;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (match === null) return undefined;
    if (match[1] !== undefined) tokens.push(match[1]);
  }
  const cursor: Cursor = { tokens, at: 0 };
  const parsed = parseTerms(cursor, "||", 0);
  return cursor.at === tokens.length ? parsed : undefined;
}

interface Cursor {
  readonly tokens: readonly string[];
  at: number;
}

function take(cursor: Cursor, token: string): boolean {
  const isNext = cursor.tokens[cursor.at] === token;
  if (isNext) cursor.at += 1;
  return isNext;
}

function parseTerms(cursor: Cursor, operator: "||" | "&&", depth: number): Expression | undefined {
  if (depth > MAX_DEPTH) return undefined;
  const terms: Expression[] = [];
  do {
    const term = operator === "||" ? parseTerms(cursor, "&&", depth) : parseComparison(cursor, depth);
    if (term === undefined) return undefined;
    terms.push(term);
  } while (take(cursor, operator));
  const [only] = terms;
  if (only !== undefined && terms.length === 1) return only;
  return { kind: operator === "||" ? "or" : "and", terms };
}

const COMPARISONS = ["==", "!=", "<=", ">=", "<", ">"];

function parseComparison(cursor: Cursor, depth: number): Expression | undefined {
  const left = parseUnary(cursor, depth);
  const operator = cursor.tokens[cursor.at] ?? "";
  if (left === undefined || !COMPARISONS.includes(operator)) return left;
  cursor.at += 1;
  const right = parseUnary(cursor, depth);
  return right === undefined ? undefined : { kind: "compare", operator, left, right };
}

function parseUnary(cursor: Cursor, depth: number): Expression | undefined {
  if (depth > MAX_DEPTH) return undefined;
  if (take(cursor, "!")) {
    const term = parseUnary(cursor, depth + 1);
    return term === undefined ? undefined : { kind: "not", term };
  }
  if (take(cursor, "(")) {
    const inner = parseTerms(cursor, "||", depth + 1);
    return inner !== undefined && take(cursor, ")") ? inner : undefined;
  }
  const token = cursor.tokens[cursor.at] ?? "";
  cursor.at += 1;
  if (token.startsWith("'")) return { kind: "constant", value: token.slice(1, -1).replaceAll("''", "'") };
  if (/^-?\d/.test(token)) {
    const value = Number(token);
    return Number.isNaN(value) ? undefined : { kind: "constant", value };
  }
  if (!/^[A-Za-z_]/.test(token)) return undefined;
  if (token === "true" || token === "false") return { kind: "constant", value: token === "true" };
  if (token === "null") return { kind: "constant", value: null };
  return take(cursor, "(") ? parseCall(cursor, token, depth) : parseContext(cursor, token);
}

function parseCall(cursor: Cursor, name: string, depth: number): Expression | undefined {
  const args: Expression[] = [];
  if (!take(cursor, ")")) {
    do {
      const arg = parseTerms(cursor, "||", depth + 1);
      if (arg === undefined) return undefined;
      args.push(arg);
    } while (take(cursor, ","));
    if (!take(cursor, ")")) return undefined;
  }
  return { kind: "call", name: name.toLowerCase(), args };
}

function parseContext(cursor: Cursor, first: string): Expression | undefined {
  const path = [first.toLowerCase()];
  for (;;) {
    if (take(cursor, ".")) {
      path.push(cursor.tokens[cursor.at] ?? "");
      cursor.at += 1;
    } else if (take(cursor, "[")) {
      const token = cursor.tokens[cursor.at] ?? "";
      cursor.at += 1;
      if (!take(cursor, "]")) return undefined;
      path.push(token.startsWith("'") ? token.slice(1, -1) : token);
    } else return { kind: "context", path };
  }
}
