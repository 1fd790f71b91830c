import type { CST } from "yaml";
import { MAX_NESTING } from "../limits.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import { problemAt } from "./problem-at.ts";
import type { SourceFile } from "./source-file.ts";

/** What was found in the tokens of a file. */
export interface TokenCheck {
  readonly problems: readonly WorkflowProblem[];
  /**
   * How far the tokens can be relied on.
   *
   * - `whole`: the file can be understood, whatever the problems
   * - `torn`: only further syntax errors can be found; brackets and quotes that
   *   are not closed have been reported
   * - `none`: nothing must look at the tokens any further
   */
  readonly trust: "whole" | "torn" | "none";
}

/**
 * Refuses what this format leaves out of YAML: anchors, aliases, explicit tags,
 * directives, and nesting that would endanger the stack.
 *
 * Walks with a stack of its own, so any depth is safe here.
 */
export function checkTokens(tokens: readonly CST.Token[], file: SourceFile): TokenCheck {
  const problems: WorkflowProblem[] = [];
  let trust: TokenCheck["trust"] = "whole";
  const distrust = (level: "torn" | "none"): void => {
    if (trust !== "none") trust = level;
  };
  const report = (token: { readonly offset: number; readonly source: string }, message: string): void => {
    problems.push(
      problemAt(
        "WF_YAML",
        { file, start: token.offset, end: token.offset + token.source.length },
        { path: "", message },
      ),
    );
  };
  const pending: { readonly token: CST.Token; readonly depth: number }[] = [];
  for (const token of tokens) pending.push({ token, depth: 0 });
  pending.reverse();
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { token, depth } = next;
    switch (token.type) {
      case "anchor":
        report(token, "remove the anchor: anchors and aliases are not allowed; share settings with extends");
        break;
      case "alias":
        report(
          token,
          "write the value out: anchors and aliases are not allowed; share settings with extends",
        );
        distrust("none");
        break;
      case "tag":
        report(token, "remove the tag: explicit tags are not allowed");
        distrust("none");
        break;
      case "directive":
        if (token.source.trimEnd() === "%YAML 1.2") break;
        report(token, "remove this % line: a workflow is YAML 1.2 without directives");
        distrust("none");
        break;
      case "document":
        pushAll(pending, token.start, depth);
        if (token.value !== undefined) pending.push({ token: token.value, depth });
        break;
      case "single-quoted-scalar":
      case "double-quoted-scalar":
        if (isQuoteClosed(token)) break;
        report({ offset: token.offset, source: token.source.slice(0, 1) }, "close this quote");
        distrust("torn");
        break;
      case "block-scalar":
        pushAll(pending, token.props, depth);
        break;
      case "block-map":
      case "block-seq":
      case "flow-collection":
        if (depth >= MAX_NESTING) {
          report(
            { offset: token.offset, source: " " },
            `nest at most ${MAX_NESTING} mappings and lists in each other`,
          );
          return { problems, trust: "none" };
        }
        if (token.type === "flow-collection" && !isClosed(token)) {
          report(token.start, `close this bracket with ${token.start.source === "[" ? "]" : "}"}`);
          distrust("torn");
        }
        for (const item of token.items) {
          pushAll(pending, item.start, depth);
          if (item.key != null) pending.push({ token: item.key, depth: depth + 1 });
          if (item.sep !== undefined) pushAll(pending, item.sep, depth);
          if (item.value !== undefined) pending.push({ token: item.value, depth: depth + 1 });
        }
        break;
      default:
        break;
    }
  }
  return { problems, trust };
}

function isClosed({ start, end }: CST.FlowCollection): boolean {
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

function pushAll(
  pending: { readonly token: CST.Token; readonly depth: number }[],
  tokens: readonly CST.Token[],
  depth: number,
): void {
  for (const token of tokens) {
    if (token.type === "anchor" || token.type === "tag") pending.push({ token, depth });
  }
}
