import type { CST } from "yaml";
import { MAX_NESTING } from "../limits.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import { MAX_SYNTAX_PROBLEMS } from "./compose-tokens.ts";
import { problemAt } from "./problem-at.ts";
import type { SourceFile } from "./source-file.ts";
import { yamlFix } from "./yaml-fix.ts";

/** What was found in the tokens of a file. */
export interface TokenCheck {
  readonly problems: readonly WorkflowProblem[];
  readonly trust: TokenTrust;
}

/**
 * How far tokens can be relied on.
 *
 * - `whole`: the file can be understood, whatever the problems
 * - `torn`: only further syntax errors can be found; brackets and quotes that
 *   are not closed have been reported
 * - `none`: nothing must look at the tokens any further
 */
export type TokenTrust = "whole" | "torn" | "none";

/**
 * Refuses what this format leaves out of YAML: anchors, aliases, explicit tags,
 * directives, and nesting that would endanger the stack. Finds brackets and
 * quotes that are never closed, since the parser only sees where they end.
 *
 * Walks with a stack of its own, so any depth is safe here.
 */
export function checkTokens(tokens: readonly CST.Token[], file: SourceFile): TokenCheck {
  const problems: WorkflowProblem[] = [];
  let trust = "whole" as TokenTrust;
  const second = tokens.filter((token) => token.type === "document")[1];
  if (second !== undefined) {
    const range = { file, start: second.offset, end: second.offset + DOCUMENT_MARK.length };
    const message = `remove this second document, from "${DOCUMENT_MARK}" on`;
    problems.push(problemAt("WF_YAML", range, { path: "", message }));
    trust = "none";
  }
  const pending: Pending[] = tokens.map((token) => ({ token, depth: 0 })).reverse();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const finding = judge(next);
    if (finding !== undefined) {
      const { offset, length, message } = finding;
      const range = { file, start: offset, end: offset + length };
      problems.push(problemAt("WF_YAML", range, { path: "", message }));
      if (trust === "whole" || finding.trust === "none") trust = finding.trust;
      if (finding.stop === true || problems.length >= MAX_SYNTAX_PROBLEMS) break;
    }
    pushParts(pending, next);
  }
  return { problems, trust };
}

const DOCUMENT_MARK = "---";

interface Pending {
  readonly token: CST.Token;
  /** In how many mappings and lists the token stands. */
  readonly depth: number;
}

interface Finding {
  readonly offset: number;
  readonly length: number;
  readonly message: string;
  readonly trust: TokenTrust;
  readonly stop?: boolean;
}

const SHARE_FIX = "anchors and aliases are not allowed; share settings with extends";

function judge({ token, depth }: Pending): Finding | undefined {
  const { offset } = token;
  const whole = { offset, length: "source" in token ? token.source.length : 1 };
  if (token.type === "anchor")
    return { ...whole, message: `remove the anchor: ${SHARE_FIX}`, trust: "whole" };
  if (token.type === "alias")
    return { ...whole, message: `write the value out: ${SHARE_FIX}`, trust: "none" };
  if (token.type === "error") {
    const { message } = token;
    return { ...whole, message: yamlFix({ code: "UNEXPECTED_TOKEN", message }), trust: "none" };
  }
  if (token.type === "tag") {
    return { ...whole, message: "remove the tag: explicit tags are not allowed", trust: "none" };
  }
  if (token.type === "directive" && token.source.trimEnd() !== "%YAML 1.2") {
    const message = "remove this % line: a workflow is YAML 1.2 without directives";
    return { ...whole, message, trust: "none" };
  }
  if (token.type === "single-quoted-scalar" || token.type === "double-quoted-scalar") {
    return isQuoteClosed(token)
      ? undefined
      : { offset, length: 1, message: "close this quote", trust: "torn" };
  }
  if (isCollection(token) && depth >= MAX_NESTING) {
    const message = `nest at most ${MAX_NESTING} mappings and lists in each other`;
    return { offset, length: 1, message, trust: "none", stop: true };
  }
  if (token.type === "flow-collection" && !isBracketClosed(token)) {
    const message = `close this bracket with ${token.start.source === "[" ? "]" : "}"}`;
    return { offset, length: 1, message, trust: "torn" };
  }
  return undefined;
}

/** Adds what a token consists of, as far as it can hold something to judge, so that the first part comes next. */
function pushParts(pending: Pending[], { token, depth }: Pending): void {
  const parts: Pending[] = [];
  const push = (part: CST.Token | null | undefined): void => {
    if (part !== null && part !== undefined) parts.push({ token: part, depth: depth + 1 });
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
      push(item.value);
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
