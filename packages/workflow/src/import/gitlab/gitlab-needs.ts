import { MAX_MATRIX_JOBS } from "../../limits.ts";
import type { DraftKeys, DraftValue } from "../draft.ts";
import { at, flagOf, itemsOf, textOf, textsOf, type ForeignTree } from "../tree.ts";
import type { GitlabContext, Names } from "./gitlab-context.ts";
import { matrixRow } from "./matrix-row.ts";

interface Naming {
  readonly names: Names;
  readonly context: GitlabContext;
}

/** What a job needs of another one. */
interface Need {
  readonly job: string;
  readonly artifacts: boolean;
  readonly optional: boolean;
  /** The values that are asked for; undefined: the whole job. */
  readonly values: DraftKeys | undefined;
}

/** `needs` of a job. There, it does not wait for the earlier stages, and `dependencies` say whose artifacts it gets. */
export function gitlabNeeds(
  node: ForeignTree,
  dependencies: ForeignTree | undefined,
  naming: Naming,
): DraftKeys {
  const wanted = dependencies === undefined ? undefined : new Set(textsOf(dependencies));
  const found = itemsOf(node).flatMap((item) => {
    const isWanted = wanted === undefined || wanted.has(textOf(item) ?? textOf(at(item, "job")) ?? "");
    return needsIn(item, "needs", naming).map((need) => ({ ...need, artifacts: need.artifacts && isWanted }));
  });
  const needs = merged(found);
  const isFree = needs.length > 0 || itemsOf(node).length === 0;
  return isFree ? { ...(needs.length > 0 && { needs }), gate: "needs" } : {};
}

/** The jobs of `dependencies`, where there are no `needs`. */
export function gitlabDependencies(node: ForeignTree, naming: Naming): readonly DraftValue[] {
  return merged(itemsOf(node).flatMap((item) => needsIn(item, "dependencies", naming)));
}

function needsIn(item: ForeignTree, key: string, { names, context }: Naming): readonly Need[] {
  const written = textOf(item) ?? textOf(at(item, "job"));
  const foreign = ["pipeline", "project"].find((each) => at(item, each) !== undefined);
  const known = written === undefined || foreign !== undefined ? undefined : namedBy(written, names);
  if (known === undefined) {
    const why =
      foreign === undefined ? "there is no such job here" : "jobs of other pipelines are not known here";
    context.note(item, `${key}: ${written ?? foreign ?? "an entry"} was left out: ${why}`);
    return [];
  }
  const need = {
    ...known,
    artifacts: flagOf(at(item, "artifacts")) !== false,
    optional: flagOf(at(item, "optional")) === true,
  };
  const rows = itemsOf(at(at(item, "parallel"), "matrix"));
  return rows.length === 0 ? [need] : rows.map((row) => ({ ...need, values: matrixRow(row) }));
}

/** A job by its name, or one of its matrix by a name such as `test: [22, pg]`. */
function namedBy(written: string, names: Names): Pick<Need, "job" | "values"> | undefined {
  const whole = names.job(written);
  if (whole !== undefined) return { job: whole, values: undefined };
  const start = written.lastIndexOf(": [");
  if (start === -1 || !written.endsWith("]")) return undefined;
  const owner = written.slice(0, start);
  const job = names.job(owner);
  const texts = written.slice(start + ": [".length, -1).split(", ");
  if (job === undefined) return undefined;
  for (const row of names.matrix(owner)) {
    const variables = Object.entries(row);
    const isRow =
      variables.length === texts.length &&
      variables.every(([, value], index) => valuesOf(value).includes(texts[index] ?? ""));
    if (isRow)
      return {
        job,
        values: Object.fromEntries(variables.map(([name], index) => [name, texts[index] ?? ""])),
      };
  }
  return undefined;
}

/** What is needed of each job, once: of one that is needed as a whole, no part is named beside it. */
function merged(needs: readonly Need[]): readonly DraftValue[] {
  const byJob = new Map<string, Need[]>();
  for (const need of needs) byJob.set(need.job, [...(byJob.get(need.job) ?? []), need]);
  return [...byJob.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined) return [];
    if (all.length > 1 && all.some(({ values }) => values === undefined))
      return [written({ ...joined(all), values: undefined })];
    return (all.length === 1 ? all : apart(all)).map(written);
  });
}

/** Parts of one matrix so that no job is in two of them. */
function apart(all: readonly Need[]): readonly Need[] {
  const parts: { need: Need; readonly single: ReadonlyMap<string, DraftKeys> }[] = [];
  for (const need of all) {
    const values = need.values ?? {};
    const single = new Map(combinations(values).map((each) => [idOf(each), each]));
    const twins = parts.filter((part) => [...single.keys()].some((id) => part.single.has(id)));
    for (const twin of twins) twin.need = { ...joined([twin.need, need]), values: twin.need.values };
    const left = [...single].filter(([id]) => !twins.some((twin) => twin.single.has(id)));
    if (left.length === single.size) parts.push({ need, single });
    else
      for (const [id, each] of left)
        parts.push({ need: { ...need, values: each }, single: new Map([[id, each]]) });
  }
  return parts.map(({ need }) => need);
}

function joined(all: readonly Need[]): Need {
  return {
    job: all[0]?.job ?? "",
    artifacts: all.some(({ artifacts }) => artifacts),
    optional: all.every(({ optional }) => optional),
    values: undefined,
  };
}

function idOf(values: DraftKeys): string {
  return JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function combinations(values: DraftKeys): readonly DraftKeys[] {
  let all: DraftKeys[] = [{}];
  for (const [name, value] of Object.entries(values))
    all = all
      .flatMap((each) => valuesOf(value).map((text) => ({ ...each, [name]: text })))
      .slice(0, MAX_MATRIX_JOBS);
  return all;
}

function valuesOf(value: DraftValue | undefined): readonly string[] {
  const values = Array.isArray(value) ? (value as readonly DraftValue[]) : [value];
  return values.filter((each) => typeof each === "string");
}

function written({ job, artifacts, optional, values }: Need): DraftValue {
  const long: DraftKeys = {
    job,
    ...(!artifacts && { artifacts }),
    ...(optional && { optional }),
    ...(values !== undefined && { matrix: values }),
  };
  return Object.keys(long).length === 1 ? job : long;
}
