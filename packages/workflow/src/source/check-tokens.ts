import type { CST } from "yaml";
import { MAX_NESTING } from "../limits.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import { problemAt } from "./problem-at.ts";
import type { SourceFile } from "./source-file.ts";

/** What was found in the tokens of a file. */
export interface TokenCheck {
  readonly problems: readonly WorkflowProblem[];
  /** Whether the tokens must not be looked at any further. */
  readonly fatal: boolean;
}

/**
 * Refuses what this format leaves out of YAML: anchors, aliases, explicit tags,
 * directives, and nesting that would endanger the stack.
 *
 * Walks with a stack of its own, so any depth is safe here.
 */
export function checkTokens(tokens: readonly CST.Token[], file: SourceFile): TokenCheck {
  const problems: WorkflowProblem[] = [];
  let fatal = false;
  const report = (token: { readonly offset: number; readonly source: string }, message: string): void => {
    problems.push(problemAt("WF_YAML", { file, start: token.offset, end: token.offset + token.source.length }, { path: "", message }));
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
        report(token, "write the value out: anchors and aliases are not allowed; share settings with extends");
        fatal = true;
        break;
      case "tag":
        report(token, "remove the tag: explicit tags are not allowed");
        fatal = true;
        break;
      case "directive":
        if (token.source.trimEnd() === "%YAML 1.2") break;
        report(token, "remove this % line: a workflow is YAML 1.2 without directives");
        fatal = true;
        break;
      case "document":
        pushAll(pending, token.start, depth);
        if (token.value !== undefined) pending.push({ token: token.value, depth });
        break;
      case "block-scalar":
        pushAll(pending, token.props, depth);
        break;
      case "block-map":
      case "block-seq":
      case "flow-collection":
        if (depth >= MAX_NESTING) {
          report({ offset: token.offset, source: " " }, `nest at most ${MAX_NESTING} mappings and lists in each other`);
          return { problems, fatal: true };
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
  return { problems, fatal };
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
