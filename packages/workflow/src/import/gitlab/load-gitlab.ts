import { MAX_INCLUDE_DEPTH } from "../../limits.ts";
import type { IncludeRefusal, ReadInclude } from "../../include/read-include.ts";
import type { ImportNotes } from "../import-notes.ts";
import { readTree, type ValueBudget } from "../read-tree.ts";
import {
  at,
  entriesOf,
  itemsOf,
  textOf,
  type ForeignTree,
  type TreeEntry,
  type TreeMap,
  type TreePlace,
} from "../tree.ts";

/** Most files of one configuration. Source: GitLab's limit of includes. */
const MAX_FILES = 150;

/** What loading needs of the import that it is part of. */
export interface LoadContext {
  readonly budget: ValueBudget;
  readonly notes: ImportNotes;
  readonly readInclude: ReadInclude | undefined;
}

/** A configuration with its local includes laid below it. */
export interface LoadedGitlab {
  readonly root: TreeMap;
  /** The main file first. */
  readonly files: readonly string[];
}

/** Lays local includes and the file itself together: mappings merge, all else replaces, the file itself last. */
export function loadGitlab(main: ForeignTree, context: LoadContext): LoadedGitlab {
  const loading: Loading = { ...context, files: [main.file], done: new Set() };
  const root = merged(main, loading, []);
  return { root, files: loading.files };
}

interface Loading extends LoadContext {
  readonly files: string[];
  readonly done: Set<string>;
}

function merged(tree: ForeignTree, loading: Loading, trail: readonly string[]): TreeMap {
  const include = at(tree, "include");
  let entries = new Map<string, TreeEntry>();
  for (const item of itemsOf(include)) {
    const included = readIncluded(item, loading, trail);
    if (included !== undefined) entries = mergeTrees(entries, included.entries, loading.budget);
  }
  const own = new Map(entriesOf(tree).filter(([name]) => name !== "include" && name !== "spec"));
  const { file, line } = tree;
  return { kind: "map", file, line, entries: mergeTrees(entries, own, loading.budget) };
}

/** GitLab's deep merge: of mappings key by key, of all else the latter. */
export function mergeTrees(
  base: ReadonlyMap<string, TreeEntry>,
  over: ReadonlyMap<string, TreeEntry>,
  budget: ValueBudget,
): Map<string, TreeEntry> {
  const all = new Map(base);
  budget.left -= base.size + over.size;
  if (budget.left < 0) return all;
  for (const [key, entry] of over) {
    const known = all.get(key)?.node;
    const { node } = entry;
    const both =
      known?.kind === "map" && node.kind === "map"
        ? { ...node, entries: mergeTrees(known.entries, node.entries, budget) }
        : node;
    all.set(key, { ...entry, node: both });
  }
  return all;
}

const ELSEWHERE = ["project", "remote", "template", "component", "artifact"];

function readIncluded(item: ForeignTree, loading: Loading, trail: readonly string[]): TreeMap | undefined {
  const written = textOf(item) ?? textOf(at(item, "local"));
  const skip = (why: string, what = written, key = ""): undefined => {
    loading.notes.add(at(item, key) ?? item, `include ${what ?? ""}: ${why}`);
    return undefined;
  };
  if (written === undefined || /^https?:/.test(written)) {
    const kind = ELSEWHERE.find((key) => at(item, key) !== undefined);
    const what = kind === undefined ? written : `${kind} ${textOf(at(item, kind)) ?? ""}`;
    return skip("it is not in this repository: copy what it brings", what);
  }
  const path = written.replace(/^\/+/, "");
  if (path.includes("*")) return skip("a pattern of files is not read: name the files");
  if (path.includes("$")) return skip("a path with variables is not read: write it out");
  const isInside = path !== "" && !path.includes("\0") && !path.split(/[/\\]/).includes("..");
  if (!isInside || !/\.ya?ml$/.test(path))
    return skip("only .yml and .yaml files of this repository are read");
  if (trail.includes(path)) return skip("it includes itself");
  if (trail.length >= MAX_INCLUDE_DEPTH) return skip(`it is more than ${MAX_INCLUDE_DEPTH} includes deep`);
  if (loading.files.length >= MAX_FILES) return skip(`only ${MAX_FILES} files are read`);
  if (loading.done.has(path)) return undefined;
  loading.done.add(path);
  const answer = loading.readInclude?.(path) ?? { ok: false, error: { code: "not_found" } as const };
  if (!answer.ok) return skip(refusal(answer.error));
  if (at(item, "rules") !== undefined)
    skip("it is always included: its rules were not carried over", written, "rules");
  if (at(item, "inputs") !== undefined)
    skip("its inputs were not carried over: write the values out", written, "inputs");
  loading.files.push(path);
  const read = readTree({ path, text: answer.value }, loading.budget);
  if (!read.ok) {
    const place: TreePlace = read.error;
    loading.notes.add(place, `the file was not carried over: ${read.error.message}`);
    return undefined;
  }
  return read.value?.kind === "map" ? merged(read.value, loading, [...trail, path]) : undefined;
}

function refusal(error: IncludeRefusal): string {
  switch (error.code) {
    case "not_found":
      return "there is no such file";
    case "outside_repo":
      return "it leads out of the repository";
    case "unreadable":
      return `it cannot be read: ${error.reason}`;
    default:
      return String(error satisfies never);
  }
}
