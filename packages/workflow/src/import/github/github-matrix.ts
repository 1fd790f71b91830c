import type { DraftValue } from "../draft.ts";
import type { ImportNotes } from "../import-notes.ts";
import { slugOf } from "../unique-names.ts";
import { at, entriesOf, itemsOf, textOf, type ForeignTree, type TreePlace } from "../tree.ts";

/** One job of a matrix: its values by path, such as `target.name`. */
type Row = ReadonlyMap<string, string>;

/** The matrix of a job. */
export interface GithubMatrix {
  readonly rows: readonly Row[];
  /** Whether all of it is known. */
  readonly isWhole: boolean;
  /** The texts of what is false, though they are not empty, by path. */
  readonly falseTexts: ReadonlyMap<string, ReadonlySet<string>>;
  /** The paths that something asked for. */
  readonly used: Set<string>;
}

/** Most variables of a matrix, and of one of its jobs; beyond what any file has, and an end to what multiplies. */
const MAX_AXES = 30;

/** Most jobs of a matrix. GitHub allows 256, a workflow 200. */
const MAX_ROWS = 200;

/** Reads `strategy.matrix`; undefined where a job has none, or only expressions say what is in it. */
export function githubMatrix(node: ForeignTree | undefined, notes: ImportNotes): GithubMatrix | undefined {
  if (node === undefined) return undefined;
  let isPart = false;
  const lost = (place: TreePlace, what: string): undefined => {
    isPart = true;
    notes.add(place, `strategy.matrix: ${what} was not carried over: only a run at GitHub knows it`);
    return undefined;
  };
  if (node.kind !== "map") return lost(node, textOf(node) ?? "it");
  if (node.entries.size > MAX_AXES) return lost(node, `more than ${MAX_AXES} variables`);
  let rows: Row[] = [new Map()];
  let hasAxis = false;
  for (const [name, entry] of node.entries) {
    if (name === "include" || name === "exclude") continue;
    if (entry.node.kind !== "list") {
      lost(entry, `${name}: ${textOf(entry.node) ?? "it"}`);
      continue;
    }
    const known = entry.node.items.filter(
      (item) => !isOpen(item) || lost(item, `${name}: ${textOf(item) ?? "it"}`),
    );
    if (known.length === 0 && entry.node.items.length > 0) continue;
    hasAxis = true;
    const values = known.slice(0, MAX_ROWS).map((item) => valuesOf(name, item));
    rows = rows.flatMap((row) => values.map((value) => new Map([...row, ...value]))).slice(0, MAX_ROWS * 2);
  }
  for (const item of itemsOf(at(node, "exclude")).slice(0, MAX_ROWS)) {
    const parts = [...rowOf(item)];
    rows = rows.filter((row) => parts.length === 0 || !parts.every(([path, text]) => row.get(path) === text));
  }
  if (!hasAxis) rows = [];
  const originals = rows.map((row) => row);
  for (const item of itemsOf(at(node, "include")).slice(0, MAX_ROWS + 1)) {
    if (item.kind !== "map") {
      lost(item, `include: ${textOf(item) ?? "it"}`);
      continue;
    }
    const open = entriesOf(item).filter(([, { node: value }]) => isOpen(value));
    for (const [name, value] of open) lost(value, `include: ${name}: ${textOf(value.node) ?? "it"}`);
    const entries = new Map([...item.entries].filter(([name]) => !open.some(([other]) => other === name)));
    const added = rowOf({ ...item, entries });
    let isUsed = false;
    for (const [index, original] of originals.entries()) {
      if ([...added].some(([path, text]) => original.has(path) && original.get(path) !== text)) continue;
      rows[index] = new Map([...(rows[index] ?? []), ...added]);
      isUsed = true;
    }
    if (!isUsed) rows.push(added);
    if (rows.length > MAX_ROWS) break;
  }
  if (rows.length > MAX_ROWS) {
    notes.add(node, `strategy.matrix: only the first ${MAX_ROWS} of its jobs were carried over`);
    rows = rows.slice(0, MAX_ROWS);
  }
  return { rows, isWhole: !isPart, falseTexts: falseTextsIn(node), used: new Set() };
}

/** The variable that holds the values of a path; null where no row has it, undefined where one might. */
export function matrixVariable(matrix: GithubMatrix, path: string): string | null | undefined {
  if (!matrix.rows.some((row) => row.has(path))) return matrix.isWhole ? null : undefined;
  matrix.used.add(path);
  return variableOf(path);
}

/** Whether only an expression says what a value is. */
function isOpen(node: ForeignTree): boolean {
  if (node.kind === "scalar") return node.text.includes("${{");
  if (node.kind === "list") return node.items.some(isOpen);
  return node.kind === "map" && [...node.entries.values()].some((entry) => isOpen(entry.node));
}

/** What GitHub takes for false, `""` and null apart. */
function falseTextsIn(matrix: ForeignTree): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const look = (path: string, node: ForeignTree): void => {
    if (node.kind === "scalar" && (node.value === false || node.value === 0))
      found.set(path, (found.get(path) ?? new Set<string>()).add(node.text));
    else if (node.kind === "map")
      for (const [key, entry] of node.entries) look(path === "" ? key : `${path}.${key}`, entry.node);
  };
  for (const [name, { node }] of entriesOf(matrix))
    if (name !== "exclude") for (const item of itemsOf(node)) look(name === "include" ? "" : name, item);
  return found;
}

function variableOf(path: string): string {
  return `MATRIX_${path.toUpperCase().replaceAll(/[^A-Z0-9]+/g, "_")}`;
}

function rowOf(item: ForeignTree): Row {
  return new Map(
    entriesOf(item)
      .slice(0, MAX_AXES)
      .flatMap(([name, { node }]) => [...valuesOf(name, node)]),
  );
}

function valuesOf(path: string, node: ForeignTree): Row {
  if (node.kind !== "map")
    return new Map([
      [
        path,
        textOf(node) ??
          itemsOf(node)
            .map((item) => textOf(item) ?? "")
            .join(" "),
      ],
    ]);
  return new Map(
    [...node.entries]
      .slice(0, MAX_AXES)
      .flatMap(([key, entry]) => [...valuesOf(`${path}.${key}`, entry.node)])
      .slice(0, MAX_AXES),
  );
}

/** What a matrix becomes. */
export type MatrixForm =
  /** One job. */
  | { readonly kind: "none" }
  | { readonly kind: "matrix"; readonly entries: readonly DraftValue[] }
  /** Its values make no names, so that each of its jobs is written out. */
  | { readonly kind: "jobs"; readonly variables: readonly Record<string, string>[] };

/** The form that a matrix takes in the job with this id: of values that nothing asks for, only those that tell jobs apart. */
export function matrixForm({ rows, used }: GithubMatrix, id: string): MatrixForm {
  const asked = rows.map((row) => new Map([...row].filter(([path]) => used.has(path))));
  const isApart = new Set(asked.map((row) => JSON.stringify([...row]))).size === rows.length;
  const chosen = isApart ? asked : rows;
  if (chosen.length === 0 || (chosen.length === 1 && chosen[0]?.size === 0)) return { kind: "none" };
  const ids = chosen.map((row) =>
    slugOf([id, ...row.values()].filter((text) => /[a-z0-9]/i.test(text)).join("-"), "job"),
  );
  const isNamed =
    ids.every((each) => each.length <= MAX_ID && each !== id) && new Set(ids).size === ids.length;
  if (!isNamed || chosen.some((row) => row.size === 0)) {
    const named = (row: Row): Record<string, string> =>
      Object.fromEntries([...row].map(([path, text]) => [variableOf(path), text]));
    return { kind: "jobs", variables: chosen.map(named) };
  }
  return { kind: "matrix", entries: matrixEntries(chosen) };
}

/** Longest name of a job. */
const MAX_ID = 64;

/** Rows as a workflow writes them: the lists of a product where they are one, else each row. */
function matrixEntries(rows: readonly Row[]): readonly DraftValue[] {
  const axes = new Map<string, Set<string>>();
  for (const row of rows)
    for (const [path, text] of row) axes.set(path, (axes.get(path) ?? new Set<string>()).add(text));
  const product = [...axes.values()].reduce((all, texts) => all * texts.size, 1);
  const isWhole = product === rows.length && rows.every((row) => row.size === axes.size);
  const named = (entries: Iterable<readonly [string, DraftValue]>): DraftValue =>
    Object.fromEntries([...entries].map(([path, value]) => [variableOf(path), value]));
  if (!isWhole) return rows.map(named);
  const whole = [...axes].map(([path, texts]): [string, DraftValue] => {
    const [only = "", ...others] = texts;
    return [path, others.length === 0 ? only : [only, ...others]];
  });
  return [named(whole)];
}
