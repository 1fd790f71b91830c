import { MAX_MATRIX_JOBS } from "../../limits.ts";
import { joinedId, valueSlug } from "../../matrix/matrix-jobs.ts";
import { JOB_NAME } from "../../schema/name-patterns.ts";
import { ROOT_KEYS } from "../../schema/workflow-schema.ts";
import { isMapping, type Draft, type DraftJob, type DraftKeys, type DraftValue } from "../draft.ts";
import type { TreePlace } from "../tree.ts";
import { UniqueNames } from "../unique-names.ts";
import { titleOf } from "./title-of.ts";

/** The matrix of a job, whether it is its own or inherited. */
export interface DraftMatrix {
  readonly rows: readonly DraftKeys[];
  /** Of each row. */
  readonly places: readonly TreePlace[];
  /** What the job is called there. */
  readonly title: string;
}

interface Combination {
  readonly values: Readonly<Record<string, string>>;
  readonly row: number;
}

interface Parted {
  readonly name: string;
  readonly values: Combination["values"];
}

/** What becomes of a matrix of which not all can stay. */
interface Parting {
  readonly kept: readonly Combination[];
  readonly parted: readonly Parted[];
}

/**
 * Makes jobs of their own of those jobs of matrices that a workflow has no name for: one that is too long, or that another job
 * has. Whatever needs the job with the matrix needs them, too.
 */
export function partMatrices(
  draft: Draft,
  matrices: ReadonlyMap<string, DraftMatrix>,
  note: (place: TreePlace, message: string) => void,
): void {
  const taken = new Set(draft.jobs.keys());
  const chosen = [...matrices].flatMap(([name, matrix]) => {
    if (matrix.rows.reduce((sum, row) => sum + sizeOf(row), 0) > MAX_MATRIX_JOBS) return [];
    return [{ name, matrix, ...nameable(name, matrix, taken) }];
  });
  const names = new UniqueNames(64, [...taken, ...ROOT_KEYS]);
  const partings = new Map<string, Parting>();
  for (const { name, matrix, kept, left } of chosen) {
    if (left.length === 0) continue;
    const parted: Parted[] = [];
    for (const { values, row, why } of left) {
      const place = matrix.places[row];
      const shown = `${matrix.title}: [${Object.values(values).join(", ")}]`;
      const own = why === undefined ? undefined : names.take(name);
      if (own !== undefined) parted.push({ name: own, values });
      const what =
        own === undefined ? "it is there once: an earlier entry makes it, too" : `it is ${own} here: ${why}`;
      if (place !== undefined) note(place, `matrix: ${shown}: ${what}`);
    }
    partings.set(name, { kept, parted });
  }
  if (partings.size === 0) return;
  // Whoever inherits a matrix that changes keeps the whole.
  for (const [name, { rows }] of matrices) {
    const job = draft.jobs.get(name);
    if (job !== undefined && !("matrix" in job.keys)) job.keys["matrix"] = rows;
  }
  const hidden = [...draft.jobs.keys()].filter((name) => name.startsWith("."));
  const templates = new UniqueNames(
    64,
    hidden.map((name) => name.slice(1)),
  );
  const bases = new Map<string, string>();
  const jobs = [...draft.jobs].flatMap(([name, job]): (readonly [string, DraftJob])[] => {
    const parting = partings.get(name);
    const matrix = matrices.get(name);
    if (parting === undefined || matrix === undefined) return [[name, job]];
    const isGone = parting.kept.length === 0;
    const base = isGone ? `.${templates.take(name)}` : name;
    bases.set(name, base);
    if (!isGone) job.keys["matrix"] = rowsOf(matrix.rows, parting.kept);
    else if ("extends" in job.keys) job.keys["matrix"] = null;
    else delete job.keys["matrix"];
    const made = parting.parted.map(({ name: own, values }): readonly [string, DraftJob] => {
      const title = titleOf(`${matrix.title}: [${Object.values(values).join(", ")}]`);
      const keys: DraftKeys = { title, extends: base, ...(!isGone && { matrix: null }), variables: values };
      return [own, { file: job.file, line: job.line, comments: [], keys }];
    });
    return [[base, job], ...made];
  });
  draft.jobs.clear();
  for (const [name, job] of jobs) {
    const { needs, extends: parents } = job.keys;
    if (parents !== undefined) job.keys["extends"] = renamed(parents, bases);
    if (Array.isArray(needs))
      job.keys["needs"] = (needs as readonly DraftValue[]).flatMap((need) => allOf(need, partings));
    draft.jobs.set(name, job);
  }
}

interface Left extends Combination {
  /** Why it cannot stay in the matrix; absent where it is there already. */
  readonly why?: string;
}

/** Which combinations of a matrix have a name that nobody else has. Takes their names. */
function nameable(
  name: string,
  { rows }: DraftMatrix,
  taken: Set<string>,
): { readonly kept: readonly Combination[]; readonly left: readonly Left[] } {
  const kept: Combination[] = [];
  const left: Left[] = [];
  const seen = new Set<string>();
  for (const combination of rows.flatMap(combinationsOf)) {
    const { values } = combination;
    const said = JSON.stringify(
      Object.keys(values)
        .sort()
        .map((variable) => [variable, values[variable]]),
    );
    const id = Object.values(values).reduce((all, value) => joinedId(all, valueSlug(value)), name);
    if (seen.has(said)) left.push(combination);
    else if (!JOB_NAME.test(id)) left.push({ ...combination, why: "a name has at most 64 characters" });
    else if (taken.has(id)) left.push({ ...combination, why: `another job is called ${id}` });
    else {
      taken.add(id);
      kept.push(combination);
    }
    seen.add(said);
  }
  return { kept, left };
}

function sizeOf(row: DraftKeys): number {
  return Object.values(row).reduce<number>((size, value) => size * valuesOf(value).length, 1);
}

function valuesOf(value: DraftValue | undefined): readonly string[] {
  const values = Array.isArray(value) ? (value as readonly DraftValue[]) : [value];
  return values.filter((each) => typeof each === "string");
}

function combinationsOf(entry: DraftKeys, row: number): readonly Combination[] {
  let all: Record<string, string>[] = [{}];
  for (const [variable, value] of Object.entries(entry))
    all = all.flatMap((values) => valuesOf(value).map((each) => ({ ...values, [variable]: each })));
  return all.map((values) => ({ values, row }));
}

/** Rows that make these combinations: as they were where all of theirs are there. */
function rowsOf(rows: readonly DraftKeys[], kept: readonly Combination[]): readonly DraftKeys[] {
  return rows.flatMap((row, index): readonly DraftKeys[] => {
    const own = kept.filter((combination) => combination.row === index);
    return own.length === sizeOf(row) ? [row] : own.map(({ values }) => values);
  });
}

/** A need of a job, and the needs of those that were parted from its matrix. */
function allOf(need: DraftValue, partings: ReadonlyMap<string, Parting>): readonly DraftValue[] {
  const long: DraftKeys = isMapping(need) ? { ...need } : { job: need };
  const { job, matrix, ...more } = long;
  const parting = typeof job === "string" ? partings.get(job) : undefined;
  if (parting === undefined) return [need];
  const wanted = Object.entries(isMapping(matrix) ? matrix : {});
  const isWanted = ({ values }: Pick<Combination, "values">): boolean =>
    wanted.every(([variable, value]) => valuesOf(value).includes(values[variable] ?? ""));
  const others = parting.parted.filter(isWanted).map(({ name }): DraftValue => {
    return Object.keys(more).length === 0 ? name : { job: name, ...more };
  });
  return others.length === 0 || parting.kept.some(isWanted) ? [need, ...others] : others;
}

function renamed(parents: DraftValue, names: ReadonlyMap<string, string>): DraftValue {
  const one = (parent: DraftValue): DraftValue =>
    typeof parent === "string" ? (names.get(parent) ?? parent) : parent;
  return Array.isArray(parents) ? (parents as readonly DraftValue[]).map(one) : one(parents);
}
