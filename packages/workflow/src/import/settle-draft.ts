import { compileWorkflow } from "../compile-workflow.ts";
import { MAX_FILE_BYTES } from "../limits.ts";
import { utf8Length } from "../source/utf8-length.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import { DraftStep, isMapping, type Draft, type DraftJob, type DraftKeys, type DraftValue } from "./draft.ts";
import type { ImportNotes } from "./import-notes.ts";
import { at, type TreePlace } from "./tree.ts";
import { writeDraft } from "./write-draft.ts";

/** After so many rounds that took out values, whole jobs are taken out. */
const ROUNDS_OF_VALUES = 8;

/** After so many, every job. */
const ROUNDS = 16;

/**
 * Writes a workflow that compiles: what the compiler refuses is taken out of
 * the draft and named, a value first, and the whole job if that is not enough.
 *
 * @param whole - The place of what belongs to no job.
 * @returns The text; undefined when it is longer than a workflow may be.
 */
export function settleDraft(draft: Draft, notes: ImportNotes, whole: TreePlace): string | undefined {
  for (let round = 0; ; round += 1) {
    const text = writeDraft(draft);
    if (utf8Length(text, MAX_FILE_BYTES) > MAX_FILE_BYTES) return undefined;
    const compiled = compileWorkflow({ path: "workflow.yml", text });
    if (compiled.ok) return text;
    if (round > ROUNDS) return undefined;
    if (round === ROUNDS) {
      for (const [name, job] of draft.jobs)
        notes.add(job, `${name}: it was left out: ${sayOf(compiled.error[0])}`);
      draft.jobs.clear();
      draft.rules = [];
      draft.defaults = {};
      draft.variables = {};
      continue;
    }
    const removed = new Set<string>();
    for (const problem of compiled.error) {
      const path = problem.path.split("/").slice(1).map(unescapePointer);
      if (removed.has(problem.path)) continue;
      removed.add(problem.path);
      takeOut(draft, path, { problem, notes, whole, jobs: round >= ROUNDS_OF_VALUES });
    }
    sweep(draft);
  }
}

interface Taking {
  readonly problem: WorkflowProblem;
  readonly notes: ImportNotes;
  readonly whole: TreePlace;
  /** Whether only whole jobs are taken out. */
  readonly jobs: boolean;
}

function takeOut(draft: Draft, path: readonly string[], taking: Taking): void {
  const [name = "", ...rest] = path;
  const { problem, notes, whole } = taking;
  const job = draft.jobs.get(name);
  // Without one of its values, a row of a matrix would be another job.
  if (rest[0] === "matrix" && rest.length === 3) rest.pop();
  // And without what it says of its job, a need would be another one.
  if (rest[0] === "needs") rest.splice(2);
  if (job !== undefined) {
    const place = placeOf(job, rest);
    if (!taking.jobs && remove(job.keys, rest)) {
      notes.add(place, `${name}: ${rest.join(".")} was left out: ${sayOf(problem)}`);
      return;
    }
    draft.jobs.delete(name);
    draft.gaps.push(`TODO ${name}: ${problem.message}`);
    notes.add(job, `${name}: the job was left out: ${sayOf(problem)}`);
    return;
  }
  const place = { ...whole, ...(draft.sources !== undefined && { sources: draft.sources }) };
  const keys = name === "default" ? [`default.${rest[0] ?? ""}`, ...rest.slice(1)] : [name, ...rest];
  notes.add(placeOf(place, keys), `${[name, ...rest].join(".")} was left out: ${sayOf(problem)}`);
  if (name === "default" && !(!taking.jobs && remove(draft.defaults, rest))) draft.defaults = {};
  else if (name === "variables" && !(!taking.jobs && remove(draft.variables, rest))) draft.variables = {};
  else if (name === "workflow") draft.rules = [];
}

/** Where what a path leads to was written, or the nearest key above it. */
function placeOf(
  whole: Pick<DraftJob, "file" | "line" | "sources"> & { readonly keys?: DraftKeys },
  path: readonly string[],
): TreePlace {
  const [key = "", ...rest] = path;
  const value = whole.keys?.[key];
  const item = Array.isArray(value) ? (value as readonly DraftValue[])[Number(rest[0])] : undefined;
  const step = item instanceof DraftStep ? item.source : undefined;
  let node = step ?? whole.sources?.get(key);
  if (node === undefined) return whole;
  for (const inner of step === undefined ? rest : rest.slice(1)) {
    // Entries of lists have other numbers here.
    const next = at(node, inner);
    if (next === undefined) break;
    node = next;
  }
  return node;
}

function sayOf(problem: WorkflowProblem | undefined): string {
  // What is allowed instead is for whoever writes a workflow.
  return `loom check says: ${(problem?.message ?? "").split("; ", 1).join("")}`;
}

/** Takes the value at a path out, or the part of the path that is there. False: there is nothing. */
function remove(keys: DraftKeys, path: readonly string[]): boolean {
  const [key = "", ...rest] = path;
  const value = keys[key];
  if (value === undefined) return false;
  if (Array.isArray(value)) {
    const list = [...(value as readonly DraftValue[])];
    const index = Number(rest[0]);
    const item = list[index];
    if (rest.length === 0 || item === undefined || item === GONE) delete keys[key];
    else if (item instanceof DraftStep) {
      const inner = { ...item.keys };
      const isInner = LESS_SAID.has(rest[1] ?? "") && remove(inner, rest.slice(1));
      list[index] = isInner
        ? new DraftStep(item.run, item.comments, { keys: inner, source: item.source })
        : GONE;
      keys[key] = list;
    } else {
      const inner = isMapping(item) ? { ...item } : undefined;
      const isInner = inner !== undefined && rest.length > 1 && remove(inner, rest.slice(1));
      list[index] = isInner ? inner : GONE;
      keys[key] = list;
    }
    return true;
  }
  if (!isMapping(value) || rest.length === 0) delete keys[key];
  else {
    const inner = { ...value };
    if (remove(inner, rest) && Object.keys(inner).length > 0) keys[key] = inner;
    else delete keys[key];
  }
  return true;
}

/** Keys of a step without which it does the same. Without another one, it would do it elsewhere, or to something else. */
const LESS_SAID: ReadonlySet<string> = new Set(["name", "timeout", "allow_failure"]);

/** Stands for an item that is taken out, so that the others keep their numbers until all are. */
const GONE = "\0gone";

function sweep(draft: Draft): void {
  for (const { keys } of draft.jobs.values()) sweepKeys(keys);
  sweepKeys(draft.defaults);
}

function sweepKeys(keys: DraftKeys): void {
  for (const [key, value] of Object.entries(keys)) {
    const swept = sweptValue(value);
    if (swept === undefined) delete keys[key];
    else keys[key] = swept;
  }
}

function sweptValue(value: DraftValue): DraftValue | undefined {
  if (Array.isArray(value)) {
    const list = value as readonly DraftValue[];
    const left = list.flatMap((item) => (item === GONE ? [] : (sweptValue(item) ?? [])));
    return left.length === 0 && list.length > 0 ? undefined : left;
  }
  if (!isMapping(value)) return value;
  const inner = { ...value };
  sweepKeys(inner);
  return inner;
}

function unescapePointer(part: string): string {
  return part.replaceAll("~1", "/").replaceAll("~0", "~");
}
