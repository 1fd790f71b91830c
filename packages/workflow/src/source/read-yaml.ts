import { err, ok, type Result } from "@loom/core";
import { isMap, isScalar, isSeq, Parser, type CST, type ParsedNode } from "yaml";
import { MAX_FILE_BYTES } from "../limits.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import { checkTokens } from "./check-tokens.ts";
import { composeTokens, MAX_SYNTAX_PROBLEMS, type SyntaxProblem } from "./compose-tokens.ts";
import { problemAt } from "./problem-at.ts";
import type { SourceFile } from "./source-file.ts";
import { escapePointer, pointerOf, type SourceEntry, type SourceNode } from "./source-node.ts";
import { utf8Length } from "./utf8-length.ts";
import { yamlFix } from "./yaml-fix.ts";

/** What was read from a file, as far as it could be read. */
export interface SourceDocument {
  /** Absent when the file holds nothing. */
  readonly root: SourceNode | undefined;
  /** What is wrong but does not keep the rest from being understood. */
  readonly problems: readonly WorkflowProblem[];
}

/**
 * Reads one file as YAML 1.2 (core schema) without anchors, aliases, explicit
 * tags and duplicate keys.
 *
 * Linear in the length of the text, and safe with any text: depth and size are
 * checked before anything recursive looks at it.
 *
 * @returns The problems alone when the text cannot be relied on.
 */
export function readYaml(file: SourceFile): Result<SourceDocument, readonly WorkflowProblem[]> {
  const whole = { file, start: 0, end: 0 };
  if (utf8Length(file.text, MAX_FILE_BYTES) > MAX_FILE_BYTES) {
    const message = `shorten this file to at most ${MAX_FILE_BYTES} bytes, or move jobs into included files`;
    return err([problemAt("WF_SCHEMA_V1", whole, { path: "", message })]);
  }
  const tokens: CST.Token[] = [...new Parser().parse(file.text)];
  const checked = checkTokens(tokens, file);
  if (checked.trust === "none") return err(checked.problems);
  const { contents, problems: found, cut } = composeTokens(tokens, file.text.length);
  const problems = [...checked.problems];
  for (const problem of found) {
    const known = checked.trust === "torn" && followsFromTear(problem);
    // Of several errors at one place the first says what is wrong.
    if (known || problems.at(-1)?.startOffset === problem.start) continue;
    const message = yamlFix(problem, file.text.slice(problem.start, problem.end));
    problems.push(problemAt("WF_YAML", { file, ...problem }, { path: "", message }));
  }
  if (cut) {
    const message = `correct the ${MAX_SYNTAX_PROBLEMS} errors below first; the rest of this file was not looked at`;
    problems.push(problemAt("WF_YAML", whole, { path: "", message }));
  }
  if (checked.trust === "torn" || problems.length > checked.problems.length) return err(problems);
  if (contents === null) return ok({ root: undefined, problems });
  const root = toSourceNode(contents, { file, problems, parent: undefined, key: "" });
  return ok({ root, problems });
}

/** Whether the library complains where an open bracket or quote ends instead of where it starts. */
function followsFromTear({ code, message }: SyntaxProblem): boolean {
  return message.startsWith("Flow ") || (code === "MISSING_CHAR" && message.includes("quote"));
}

interface Context {
  readonly file: SourceFile;
  readonly problems: WorkflowProblem[];
  readonly parent: SourceNode | undefined;
  readonly key: string | number;
}

function toSourceNode(node: ParsedNode, context: Context): SourceNode {
  const { file, parent, key } = context;
  const [start, end] = node.range;
  const place = { file, start, end, parent, key };
  if (isMap(node)) {
    const entries = new Map<string, SourceEntry>();
    const map: SourceNode = { kind: "map", entries, ...place };
    for (const pair of node.items) addEntry(map, entries, { pair, context });
    return map;
  }
  if (isSeq(node)) {
    const items: SourceNode[] = [];
    const list: SourceNode = { kind: "list", items, ...place };
    for (const [index, item] of node.items.entries()) {
      items.push(toSourceNode(item as ParsedNode, { ...context, parent: list, key: index }));
    }
    return list;
  }
  return { kind: "scalar", value: isScalar(node) ? scalarValue(node.value) : null, ...place };
}

function addEntry(
  map: SourceNode,
  entries: Map<string, SourceEntry>,
  {
    pair,
    context,
  }: {
    readonly pair: { readonly key: ParsedNode; readonly value: ParsedNode | null };
    readonly context: Context;
  },
): void {
  const [keyStart, keyEnd] = pair.key.range;
  const { file, problems } = context;
  if (!isScalar(pair.key)) {
    const message = "make this key a plain string";
    problems.push(
      problemAt("WF_SCHEMA_V1", { file, start: keyStart, end: keyEnd }, { path: pointerOf(map), message }),
    );
    return;
  }
  const key = typeof pair.key.value === "string" ? pair.key.value : file.text.slice(keyStart, keyEnd);
  const earlier = entries.get(key);
  if (earlier !== undefined) {
    const message = `remove the duplicate key ${JSON.stringify(key.slice(0, 80))}`;
    const path = pointerOf(map) + escapePointer(key);
    problems.push(problemAt("WF_YAML", { file, start: keyStart, end: keyEnd }, { path, message }));
    return;
  }
  const node: SourceNode =
    pair.value === null
      ? { kind: "scalar", value: null, file, start: keyEnd, end: keyEnd, parent: map, key }
      : toSourceNode(pair.value, { ...context, parent: map, key });
  entries.set(key, { keyStart, keyEnd, node });
}

function scalarValue(value: unknown): string | number | boolean | null {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return null;
}
