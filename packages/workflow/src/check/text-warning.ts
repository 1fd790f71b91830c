import { problemAt, problemAtNode } from "../source/problem-at.ts";
import { scalarOffset } from "../source/scalar-offset.ts";
import { pointerOf, type SourceNode, type SourceScalar } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import type { Finding } from "./github-leftovers.ts";

/** A text node. */
export type TextNode = SourceScalar & { readonly value: string };

/** Whether a node is a text. */
export function isText(node: SourceNode): node is TextNode {
  return node.kind === "scalar" && typeof node.value === "string";
}

/** What was found in a text, where it stands in the file. */
export function warningAt(node: TextNode, { start, length, message }: Finding): WorkflowProblem {
  const from = scalarOffset(node, start);
  const to = scalarOffset(node, start + length);
  if (from === undefined || to === undefined) return problemAtNode(node, message);
  const range = { file: node.file, start: from, end: to };
  return problemAt("WF_SCHEMA_V1", range, { path: pointerOf(node), message });
}
