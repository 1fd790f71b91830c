import { err, ok, type Result } from "@loom/core";
import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  Parser,
  type CST,
  type ParsedNode,
} from "yaml";
import { MAX_FILE_BYTES } from "../limits.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import { checkTokens } from "./check-tokens.ts";
import { composeTokens, MAX_SYNTAX_PROBLEMS } from "./compose-tokens.ts";
import { explainLoss } from "./explain-loss.ts";
import { problemAt } from "./problem-at.ts";
import { readOrdinaryYaml } from "./read-ordinary-yaml.ts";
import { lineIndexAt, type SourceFile } from "./source-file.ts";
import { escapePointer, pointerOf, type SourceEntry, type SourceNode } from "./source-node.ts";
import type { SyntaxFinding } from "./syntax-finding.ts";
import { utf8Length } from "./utf8-length.ts";
import { leavesOf, SPACE_FIX, yamlFix } from "./yaml-fix.ts";

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
  const root = readOrdinaryYaml(file);
  return root === undefined ? readAnyYaml(file) : ok({ root, problems: [] });
}

/** The same of a file that is short enough, in more time, as every token of it may be asked for. */
export function readAnyYaml(file: SourceFile): Result<SourceDocument, readonly WorkflowProblem[]> {
  const tokens: CST.Token[] = [...new Parser().parse(file.text)];
  const checked = checkTokens(tokens, file);
  if (!checked.composable) return err(problemsOf(file, checked.findings));
  const { contents, problems: found, cut } = composeTokens(tokens, file.text.length);
  const findings = [...checked.findings];
  for (const problem of found) {
    const text = file.text.slice(problem.start, problem.end);
    const { start, end } = problem;
    findings.push({ start, end, message: yamlFix(problem, text), leaves: leavesOf(problem, text) });
  }
  const lone = findings.length === 0 ? -1 : file.text.search(/\r(?!\n)/);
  if (lone !== -1) {
    const message = "save this file with LF as its line ends: a CR alone ends no line";
    return err([problemAt("WF_YAML", { file, start: lone, end: lone + 1 }, { path: "", message })]);
  }
  const problems = problemsOf(file, findings);
  if (cut) {
    const message = `correct the ${MAX_SYNTAX_PROBLEMS} errors below first; the rest of this file was not looked at`;
    problems.push(problemAt("WF_YAML", { file, start: 0, end: 0 }, { path: "", message }));
  }
  if (findings.some(({ leaves }) => leaves !== "all")) return err(problems);
  if (contents === null) return ok({ root: undefined, problems });
  const root = toSourceNode(contents, { file, problems, parent: undefined, key: "" });
  return ok({ root, problems });
}

/**
 * Makes problems of what was found: of several findings at one place the first
 * alone, as it says what is wrong, and nothing that only follows from the first
 * loss of the structure.
 */
function problemsOf(file: SourceFile, findings: readonly SyntaxFinding[]): WorkflowProblem[] {
  const problems: WorkflowProblem[] = [];
  let [lastLine, lastStart] = [-1, -1];
  let isOpen = false;
  for (const finding of [...findings].sort((a, b) => a.start - b.start)) {
    const { start, leaves } = finding;
    const isLoss = leaves === "nothing";
    // Behind a bracket that is open, missing commas and spaces follow from it.
    if (isOpen && (isLoss || leaves === "values" || finding.message === SPACE_FIX)) continue;
    const line = lineIndexAt(file, start);
    if (start !== lastStart && !(isLoss && line === lastLine)) {
      const { message, ...range } = (isLoss ? explainLoss(file, finding) : undefined) ?? finding;
      problems.push(problemAt("WF_YAML", { file, ...range }, { path: "", message }));
    }
    if (isLoss) break;
    isOpen ||= leaves === "values";
    [lastLine, lastStart] = [line, start];
  }
  return problems;
}

interface Context {
  readonly file: SourceFile;
  readonly problems: WorkflowProblem[];
  readonly parent: SourceNode | undefined;
  readonly key: string | number;
}

function toSourceNode(node: ParsedNode, context: Context): SourceNode {
  const { file, parent, key, problems } = context;
  const place = { file, start: node.range[0], end: endOf(node), parent, key };
  if (isAlias(node) || node.tag !== undefined) {
    return { kind: "scalar", value: null, ...place, unread: true };
  }
  if (isMap(node)) {
    const entries = new Map<string, SourceEntry>();
    const map: SourceNode = { kind: "map", entries, ...place };
    const duplicates: Duplicate[] = [];
    for (const pair of node.items) addEntry(map, { entries, duplicates }, { pair, context });
    reportDuplicates(map, duplicates, problems);
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

/** Where a node ends. To the library, a comment behind the last value of a collection is part of the collection. */
function endOf(node: ParsedNode): number {
  if (!isCollection(node) || node.flow === true) return node.range[1];
  const last: unknown = node.items.at(-1);
  if (isPair<ParsedNode, ParsedNode | null>(last)) return endOf(last.value ?? last.key);
  return isNode(last) ? endOf(last as ParsedNode) : node.range[1];
}

/** A key that its mapping has already. */
interface Duplicate {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/** Several duplicates in one mapping are those of another, whose own key was lost. */
function reportDuplicates(
  map: SourceNode,
  duplicates: readonly Duplicate[],
  problems: WorkflowProblem[],
): void {
  const [first, second] = duplicates;
  if (first === undefined) return;
  const names = duplicates.slice(0, 8).map(({ key }) => JSON.stringify(key.slice(0, 80)));
  const message =
    second === undefined
      ? `remove the duplicate key ${names.join("")}`
      : `add the key that this belongs under, or remove the duplicate keys ${names.join(", ")}`;
  const path = pointerOf(map) + escapePointer(first.key);
  problems.push(problemAt("WF_YAML", { file: map.file, ...first }, { path, message }));
}

function addEntry(
  map: SourceNode,
  { entries, duplicates }: { readonly entries: Map<string, SourceEntry>; readonly duplicates: Duplicate[] },
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
  if (isAlias(pair.key)) return;
  if (!isScalar(pair.key)) {
    const message = "make this key a plain string";
    problems.push(
      problemAt("WF_SCHEMA_V1", { file, start: keyStart, end: keyEnd }, { path: pointerOf(map), message }),
    );
    return;
  }
  const key = typeof pair.key.value === "string" ? pair.key.value : file.text.slice(keyStart, keyEnd);
  if (entries.has(key)) {
    duplicates.push({ key, start: keyStart, end: keyEnd });
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
