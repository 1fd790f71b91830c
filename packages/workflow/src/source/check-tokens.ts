import type { CST } from "yaml";
import { MAX_NESTING } from "../limits.ts";
import { MAX_SYNTAX_PROBLEMS } from "./compose-tokens.ts";
import type { SourceFile } from "./source-file.ts";
import type { SyntaxFinding } from "./syntax-finding.ts";
import { yamlFix } from "./yaml-fix.ts";

/** What was found in the tokens of a file. */
export interface TokenCheck {
  readonly findings: readonly SyntaxFinding[];
  /** Whether the tokens may be composed: not with several documents, directives, or too much nesting. */
  readonly composable: boolean;
}

/**
 * Refuses what this format leaves out of YAML: anchors, aliases, explicit tags,
 * directives, and nesting that would endanger the stack. Finds brackets and
 * quotes that are never closed, since the parser only sees where they end.
 *
 * Walks with a stack of its own, so any depth is safe here.
 */
export function checkTokens(tokens: readonly CST.Token[], file: SourceFile): TokenCheck {
  const findings: SyntaxFinding[] = [];
  let composable = true;
  const [first, second] = tokens.filter((token) => token.type === "document");
  if (second !== undefined) {
    const message = `remove this second document, from "${DOCUMENT_MARK}" on`;
    const end = second.offset + DOCUMENT_MARK.length;
    findings.push({ start: second.offset, end, message, leaves: "nothing" });
    composable = false;
  }
  const context = { text: file.text, anchors: anchorsIn(tokens), shared: sharedJobs(first) };
  const pending: Pending[] = tokens.map((token) => ({ token, depth: 0 })).reverse();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const finding = judge(next, context);
    if (finding !== undefined) {
      const { offset, length, message, leaves } = finding;
      findings.push({ start: offset, end: offset + length, message, leaves });
      if (finding.stop !== undefined) composable = false;
      if (finding.stop === "at once" || findings.length >= MAX_SYNTAX_PROBLEMS) break;
    }
    pushParts(pending, next);
  }
  return { findings, composable };
}

const DOCUMENT_MARK = "---";

interface Pending {
  readonly token: CST.Token;
  /** In how many mappings and lists the token stands. */
  readonly depth: number;
  /** The key that it is the value of, as written. */
  readonly under?: string | undefined;
}

interface Finding {
  readonly offset: number;
  readonly length: number;
  readonly message: string;
  readonly leaves: SyntaxFinding["leaves"];
  /** Whether nothing more may be done with the tokens, or not even be looked at. */
  readonly stop?: "here" | "at once";
}

/** What a token is judged by beside itself. */
interface Context {
  readonly text: string;
  readonly anchors: ReadonlySet<string>;
  /** The root key whose value has an anchor, by the anchor. */
  readonly shared: ReadonlyMap<string, string>;
}

const SHARE_FIX = "anchors and aliases are not allowed; share settings with extends";

function judge({ token, depth, under }: Pending, context: Context): Finding | undefined {
  const { offset } = token;
  const whole = { offset, length: "source" in token ? token.source.length : 1 };
  if (token.type === "anchor") return { ...whole, message: `remove the anchor: ${SHARE_FIX}`, leaves: "all" };
  if (token.type === "alias")
    return { ...whole, message: aliasFix(token.source, { under, ...context }), leaves: "all" };
  if (token.type === "error") {
    const { message } = token;
    return { ...whole, message: yamlFix({ code: "UNEXPECTED_TOKEN", message }), leaves: "nothing" };
  }
  if (token.type === "tag") {
    return { ...whole, message: tagFix(token, context.text), leaves: "all" };
  }
  if (token.type === "directive" && token.source.trimEnd() !== "%YAML 1.2") {
    const message = "remove this % line: a workflow is YAML 1.2 without directives";
    return { ...whole, message, leaves: "all", stop: "here" };
  }
  if (token.type === "single-quoted-scalar" || token.type === "double-quoted-scalar") {
    return isQuoteClosed(token)
      ? undefined
      : { offset, length: 1, message: "close this quote", leaves: "nothing" };
  }
  if (isCollection(token) && depth >= MAX_NESTING) {
    const message = `nest at most ${MAX_NESTING} mappings and lists in each other`;
    return { offset, length: 1, message, leaves: "nothing", stop: "at once" };
  }
  if (token.type === "flow-collection" && !isBracketClosed(token)) {
    const message = `close this bracket with ${token.start.source === "[" ? "]" : "}"}`;
    return { offset, length: 1, message, leaves: "values" };
  }
  return undefined;
}

/** An alias that no anchor is for was meant as text, such as `*.gz`. */
function aliasFix(
  source: string,
  { under, anchors, shared }: Omit<Context, "text"> & { readonly under: string | undefined },
): string {
  const name = source.slice(1);
  if (!anchors.has(name)) return "put this in quotes: it starts with *";
  const job = under === "<<" ? shared.get(name) : undefined;
  return job === undefined
    ? `write the value out: ${SHARE_FIX}`
    : `write extends: ${job} instead of <<: ${source}`;
}

function tagFix({ offset, source }: { offset: number; source: string }, text: string): string {
  if (source === "!reference") {
    const [, name] = /^!reference +\[ *([\w.-]{1,80})/.exec(text.slice(offset, offset + 120)) ?? [];
    return `inherit with extends${name === undefined ? "" : `: ${name}`} instead of !reference`;
  }
  if (source === "!") return "put this in quotes: it starts with !";
  return "remove the tag: explicit tags are not allowed";
}

/** The names of all anchors. */
function anchorsIn(tokens: readonly CST.Token[]): ReadonlySet<string> {
  const names = new Set<string>();
  const pending: Pending[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.token.type === "anchor") names.add(next.token.source.slice(1));
    pushParts(pending, next);
  }
  return names;
}

function sharedJobs(document: CST.Token | undefined): ReadonlyMap<string, string> {
  const shared = new Map<string, string>();
  const root = document?.type === "document" ? document.value : undefined;
  for (const { key, sep } of root?.type === "block-map" ? root.items : []) {
    const anchor = sep?.find((token) => token.type === "anchor");
    if (anchor !== undefined && key?.type === "scalar") shared.set(anchor.source.slice(1), key.source);
  }
  return shared;
}

/** Adds what a token consists of, as far as it can hold something to judge, so that the first part comes next. */
function pushParts(pending: Pending[], { token, depth }: Pending): void {
  const parts: Pending[] = [];
  const push = (part: CST.Token | null | undefined, under?: string): void => {
    if (part !== null && part !== undefined) parts.push({ token: part, depth: depth + 1, under });
  };
  const pushProperties = (parts: readonly CST.Token[] | undefined): void => {
    for (const part of parts ?? []) if (part.type === "anchor" || part.type === "tag") push(part);
  };
  if (token.type === "document") {
    pushProperties(token.start);
    if (token.value !== undefined) parts.push({ token: token.value, depth });
  } else if (token.type === "block-scalar") pushProperties(token.props);
  else if (isCollection(token)) {
    for (const item of token.items) {
      pushProperties(item.start);
      push(item.key);
      pushProperties(item.sep);
      push(item.value, item.key?.type === "scalar" ? item.key.source : undefined);
    }
  }
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) pending.push(part);
}

function isCollection(token: CST.Token): token is CST.BlockMap | CST.BlockSequence | CST.FlowCollection {
  return token.type === "block-map" || token.type === "block-seq" || token.type === "flow-collection";
}

function isBracketClosed({ start, end }: CST.FlowCollection): boolean {
  const wanted = start.type === "flow-seq-start" ? "flow-seq-end" : "flow-map-end";
  return end.some((token) => token.type === wanted);
}

/** Whether a quoted scalar ends with its quote: one that no backslash, or no other quote, takes its meaning from. */
function isQuoteClosed({ type, source }: CST.FlowScalar): boolean {
  const [quote, escape] = type === "single-quoted-scalar" ? ["'", "'"] : ['"', "\\"];
  if (source.length < 2 || !source.endsWith(quote)) return false;
  let escapes = 0;
  for (let at = source.length - 2; at > 0 && source[at] === escape; at -= 1) escapes += 1;
  return escapes % 2 === 0;
}
