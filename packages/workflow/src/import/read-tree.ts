import { err, ok, type Result } from "@loom/core";
import { isAlias, isMap, isScalar, isSeq, Parser, type CST, type ParsedNode } from "yaml";
import { MAX_FILE_BYTES, MAX_NESTING } from "../limits.ts";
import { composeTokens } from "../source/compose-tokens.ts";
import { lineIndexAt, sourceFile, type SourceFile } from "../source/source-file.ts";
import { utf8Length } from "../source/utf8-length.ts";
import type { ForeignTree, TreeEntry, TreePlace } from "./tree.ts";

/** Why a file cannot be understood. */
export interface TreeError extends TreePlace {
  readonly message: string;
}

/**
 * How many values all files together may hold once their anchors are laid out.
 *
 * A thousand times what the largest public configurations hold, and an end to
 * anchors that multiply each other.
 */
export const MAX_VALUES = 500_000;

/** Counts values over several files. */
export interface ValueBudget {
  left: number;
}

/**
 * Reads a file as YAML with anchors, `<<` and `!reference`. Of several
 * documents, the last one counts: in GitLab's templates the first is a header.
 *
 * @returns Undefined for a file that holds nothing.
 */
export function readTree(
  { path, text }: { readonly path: string; readonly text: string },
  budget: ValueBudget,
): Result<ForeignTree | undefined, TreeError> {
  const fail = (line: number, message: string): Result<never, TreeError> =>
    err({ file: path, line, message });
  if (utf8Length(text, MAX_FILE_BYTES) > MAX_FILE_BYTES)
    return fail(1, `it is larger than ${MAX_FILE_BYTES} bytes`);
  const file = sourceFile(path, text, 0);
  const tokens: CST.Token[] = [...new Parser().parse(text)];
  const last = tokens.findLastIndex((token) => token.type === "document");
  if (last === -1) return ok(undefined);
  const document = tokens.slice(last);
  const deep = tooDeep(document);
  if (deep !== undefined)
    return fail(lineIndexAt(file, deep) + 1, `it nests more than ${MAX_NESTING} lists and mappings`);
  const { contents, problems } = composeTokens(document, text.length);
  const [first] = [...problems].sort((a, b) => a.start - b.start);
  if (first !== undefined) {
    const why = first.message.replace(/ at line \d.*$/s, "").split("\n", 1)[0] ?? "";
    return fail(lineIndexAt(file, first.start) + 1, `it is no YAML: ${why}`);
  }
  if (contents === null) return ok(undefined);
  const grown: Grown = { file, budget, anchors: new Map(), error: undefined };
  const { tree } = grow(contents, grown);
  return grown.error === undefined ? ok(tree) : err(grown.error);
}

interface Grown {
  readonly file: SourceFile;
  readonly budget: ValueBudget;
  readonly anchors: Map<string, Branch>;
  error: TreeError | undefined;
}

interface Branch {
  readonly tree: ForeignTree;
  /** Values in it, itself included. */
  readonly size: number;
  /** Lists and mappings that stand in each other. */
  readonly depth: number;
}

function grow(node: ParsedNode, grown: Grown): Branch {
  const place = placeOf(node, grown);
  const known = isAlias(node) ? grown.anchors.get(node.source) : undefined;
  if (known !== undefined) {
    grown.budget.left -= known.size;
    if (grown.budget.left < 0) tooMuch(grown, place);
    return known;
  }
  if (isAlias(node)) {
    grown.error ??= { ...place, message: `there is no anchor "${node.source}" before it` };
    return nothing(place);
  }
  grown.budget.left -= 1;
  if (grown.budget.left < 0) tooMuch(grown, place);
  // What follows is not looked at once something is wrong: nothing may grow beyond the limit.
  if (grown.error !== undefined) return nothing(place);
  const branch = isMap(node) ? growMap(node, grown) : isSeq(node) ? growList(node, grown) : leaf(node, place);
  if (branch.depth > MAX_NESTING) tooMuch(grown, place);
  if ("anchor" in node && typeof node.anchor === "string") grown.anchors.set(node.anchor, branch);
  return branch;
}

function tooMuch(grown: Grown, place: TreePlace): void {
  grown.error ??= { ...place, message: `its anchors make more than ${MAX_VALUES} values, or nest too deep` };
}

function nothing(place: TreePlace): Branch {
  return { tree: { kind: "scalar", value: null, text: "", ...place }, size: 1, depth: 0 };
}

function leaf(node: ParsedNode, place: TreePlace): Branch {
  const value: unknown = isScalar(node) ? node.value : null;
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
    return nothing(place);
  const source = isScalar(node) ? node.source : undefined;
  const text = typeof value === "string" ? value : (source ?? String(value));
  return { tree: { kind: "scalar", value, text, ...place }, size: 1, depth: 0 };
}

function growList(node: ParsedNode & { readonly items: readonly unknown[] }, grown: Grown): Branch {
  const place = placeOf(node, grown);
  const branches = node.items.map((item) => grow(item as ParsedNode, grown));
  const size = branches.reduce((sum, branch) => sum + branch.size, 1);
  const depth = 1 + Math.max(0, ...branches.slice(0, MAX_SPREAD).map((branch) => branch.depth));
  if (node.tag === "!reference") {
    const path = branches.flatMap(({ tree }) => (tree.kind === "scalar" ? tree.text : []));
    return { tree: { kind: "reference", path, ...place }, size, depth: 1 };
  }
  return { tree: { kind: "list", items: branches.map(({ tree }) => tree), ...place }, size, depth };
}

/** More arguments than that, and a call has no room for them. */
const MAX_SPREAD = 10_000;

function growMap(
  node: ParsedNode & {
    readonly items: readonly { readonly key: ParsedNode; readonly value: ParsedNode | null }[];
  },
  grown: Grown,
): Branch {
  const place = placeOf(node, grown);
  const own = new Map<string, TreeEntry>();
  const merged: ForeignTree[] = [];
  let size = 1;
  let depth = 0;
  for (const { key, value } of node.items) {
    const keyPlace = placeOf(key, grown);
    const branch = value === null ? nothing(keyPlace) : grow(value, grown);
    size += branch.size;
    depth = Math.max(depth, branch.depth);
    const name = nameOf(key);
    if (name === undefined) continue;
    if (name === "<<" && branch.tree.kind !== "scalar") merged.push(branch.tree);
    // What is said of a value is said at its key, which is the line that its reader has to change.
    else own.set(name, { ...keyPlace, node: { ...branch.tree, ...keyPlace } });
  }
  const entries = new Map<string, TreeEntry>();
  // Of several that are merged, the first one counts.
  for (const source of merged.flatMap((tree) => (tree.kind === "list" ? tree.items : [tree])).reverse()) {
    if (source.kind !== "map") continue;
    size += source.entries.size;
    grown.budget.left -= source.entries.size;
    if (grown.budget.left < 0) tooMuch(grown, place);
    if (grown.error !== undefined) break;
    for (const [name, entry] of source.entries) entries.set(name, entry);
  }
  for (const [name, entry] of own) {
    entries.delete(name);
    entries.set(name, entry);
  }
  return { tree: { kind: "map", entries, ...place }, size, depth: depth + 1 };
}

function nameOf(key: ParsedNode): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === "string" ? key.value : (key.source ?? "");
}

function placeOf(node: ParsedNode, { file }: Grown): TreePlace {
  return { file: file.path, line: lineIndexAt(file, node.range[0]) + 1 };
}

/** Where something stands in too many lists and mappings. Walks with a stack of its own, so any depth is safe here. */
function tooDeep(tokens: readonly CST.Token[]): number | undefined {
  const pending = tokens.map((token) => ({ token, depth: 0 }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { token, depth } = next;
    if (depth > MAX_NESTING) return token.offset;
    if (token.type === "document" && token.value !== undefined) pending.push({ token: token.value, depth });
    if (!("items" in token)) continue;
    for (const item of token.items) {
      if ("key" in item && item.key) pending.push({ token: item.key, depth: depth + 1 });
      if ("value" in item && item.value) pending.push({ token: item.value, depth: depth + 1 });
    }
  }
  return undefined;
}
