import { type BuiltRun, type Entry } from "./build-run.ts";
import { spliced } from "./spliced.ts";

/** Which record of a run a test is about. */
export interface Which {
  readonly path: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

/** The index of the first record with these fields. */
export function find(entries: readonly Entry[], which: Which): number {
  const { path, ...fields } = which;
  const index = entries.findIndex(
    (entry) =>
      entry.path === path && Object.entries(fields).every(([key, value]) => entry.event[key] === value),
  );
  if (index < 0) throw new Error(`No such record: ${JSON.stringify(which)}`);
  return index;
}

/** The line that a record has in its stream. */
export function lineOf(entries: readonly Entry[], which: Which): number {
  return entries.slice(0, find(entries, which) + 1).filter(({ path }) => path === which.path).length;
}

/** The records but one. */
export function without(entries: readonly Entry[], which: Which): readonly Entry[] {
  return spliced(entries, find(entries, which), { remove: 1 });
}

/** The records with one of them repeated. */
export function twice(entries: readonly Entry[], which: Which): readonly Entry[] {
  const index = find(entries, which);
  return spliced(entries, index, { insert: entries.slice(index, index + 1) });
}

/** The records with two of them in each other's place. */
export function swap(entries: readonly Entry[], one: Which, other: Which): readonly Entry[] {
  const [a, b] = [find(entries, one), find(entries, other)];
  return entries.map(
    (entry, index) => (index === a ? entries[b] : index === b ? entries[a] : entry) ?? entry,
  );
}

/** The records with one of them moved before another. */
export function moveBefore(entries: readonly Entry[], moved: Which, target: Which): readonly Entry[] {
  const index = find(entries, moved);
  const rest = spliced(entries, index, { remove: 1 });
  return spliced(rest, find(rest, target), { insert: entries.slice(index, index + 1) });
}

/** The records with other fields in one of them. */
export function edit(entries: readonly Entry[], which: Which, fields: Entry["event"]): readonly Entry[] {
  const index = find(entries, which);
  return spliced(entries, index, { remove: 1, insert: [edited(entries[index], fields)] });
}

/** A record with other fields. */
export function edited(entry: Entry | undefined, fields: Entry["event"]): Entry {
  if (entry === undefined) throw new Error("No such record");
  return { ...entry, event: { ...entry.event, ...fields } };
}

/** A record that tells the graph of another run, where it tells one. */
export function withGraph(entry: Entry, run: BuiltRun): Entry {
  return entry.event["graph_ir"] === undefined ? entry : edited(entry, { graph_ir: run.graph });
}
