import type {
  ProblemExcerpt,
  WorkflowPlace,
  WorkflowProblem,
  WorkflowProblemCode,
} from "../workflow-problem.ts";
import { lineIndexAt, type SourceFile } from "./source-file.ts";
import { pointerOf, type SourceNode } from "./source-node.ts";

/** Widest excerpt line, so that one huge scalar cannot fill a terminal. Unit: UTF-16 code units. */
const EXCERPT_WIDTH = 120;
const EXCERPT_LEAD = 60;

/** A stretch of one file. */
export interface SourceRange {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/** A place, cut to what can be shown: no trailing blanks. */
export function placeAt(range: SourceRange, path: string): WorkflowPlace {
  const { file } = range;
  const start = Math.min(Math.max(range.start, file.lineStarts[0] ?? 0), file.text.length);
  let end = Math.min(Math.max(range.end, start), file.text.length);
  while (end > start && isBlank(file.text.charCodeAt(end - 1))) end -= 1;
  const line = lineIndexAt(file, start);
  return {
    file: file.path,
    line: line + 1,
    column: start - (file.lineStarts[line] ?? 0) + 1,
    startOffset: start,
    endOffset: end,
    path,
  };
}

/** A problem at a stretch of a file. */
export function problemAt(
  code: WorkflowProblemCode,
  range: SourceRange,
  { path, message }: { readonly path: string; readonly message: string },
): WorkflowProblem {
  const { file } = range;
  const place = placeAt(range, path);
  const excerpt =
    file.text === "" ? undefined : excerptOf(file, place.line - 1, place.startOffset, place.endOffset);
  return { code, ...place, message, ...(excerpt !== undefined && { excerpt }) };
}

/** A problem with the value at a node. A value that is not there is pointed at by its key. */
export function problemAtNode(node: SourceNode, message: string): WorkflowProblem {
  const written = node.kind === "scalar" && node.start === node.end ? keyRange(node) : node;
  return problemAt("WF_SCHEMA_V1", written, { path: pointerOf(node), message });
}

/** A problem with the key that a node stands under. */
export function problemAtKey(node: SourceNode, message: string): WorkflowProblem {
  return problemAt("WF_SCHEMA_V1", keyRange(node), { path: pointerOf(node), message });
}

/** Where the key of a node stands; the node itself in a list. The root of a file is its first line. */
export function keyRange(node: SourceNode): SourceRange {
  if (node.parent === undefined) {
    const lineEnd = node.file.text.indexOf("\n", node.start);
    return { file: node.file, start: node.start, end: lineEnd === -1 ? node.file.text.length : lineEnd };
  }
  const entry = node.parent.kind === "map" ? node.parent.entries.get(String(node.key)) : undefined;
  if (entry === undefined) return node;
  return { file: node.file, start: entry.keyStart, end: entry.keyEnd };
}

/** Orders problems by place: file by file as they were read, then from top to bottom. */
export function sortProblems(
  problems: readonly WorkflowProblem[],
  files: readonly SourceFile[],
): WorkflowProblem[] {
  const order = new Map(files.map((file) => [file.path, file.order]));
  const unique = new Map<string, WorkflowProblem>();
  for (const problem of problems) {
    const identity = `${problem.file}\0${problem.startOffset}\0${problem.endOffset}\0${problem.message}`;
    if (!unique.has(identity)) unique.set(identity, problem);
  }
  return [...unique.values()].sort(
    (a, b) =>
      (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) ||
      a.startOffset - b.startOffset ||
      a.endOffset - b.endOffset,
  );
}

function excerptOf(file: SourceFile, line: number, start: number, end: number): ProblemExcerpt {
  const lineStart = file.lineStarts[line] ?? 0;
  const nextLine = file.lineStarts[line + 1];
  let lineEnd = nextLine === undefined ? file.text.length : nextLine - 1;
  if (lineEnd > lineStart && file.text.charCodeAt(lineEnd - 1) === 13) lineEnd -= 1;
  const cutFrom =
    lineEnd - lineStart > EXCERPT_WIDTH && start - lineStart > EXCERPT_LEAD
      ? start - EXCERPT_LEAD
      : lineStart;
  const cutTo = Math.min(lineEnd, cutFrom + EXCERPT_WIDTH);
  const lead = cutFrom > lineStart ? "…" : "";
  return {
    text: `${lead}${file.text.slice(cutFrom, cutTo)}${cutTo < lineEnd ? "…" : ""}`,
    from: start - cutFrom + lead.length,
    length: Math.max(1, Math.min(end, cutTo) - start),
  };
}

function isBlank(unit: number): boolean {
  return unit === 32 || unit === 9 || unit === 10 || unit === 13;
}
