import type { JobWithVariables } from "./check/check-variables.ts";
import { keyRange, placeAt } from "./source/problem-at.ts";
import { isNull, pointerOf, type SourceEntry, type SourceNode } from "./source/source-node.ts";
import type { WorkflowPlace } from "./workflow-problem.ts";

/** Where a job was written. The place itself is that of its name. */
export interface JobPlaces extends WorkflowPlace {
  /**
   * Where each key in effect was written, by name: in the job, or in the
   * template, `default` or included file it comes from. A mapping that several
   * of them hold is where the strongest is. Has no inherited properties.
   */
  readonly keys: Readonly<Record<string, WorkflowPlace>>;
}

/** Finds where jobs and their keys were written. Linear in the number of keys. */
export function jobPlaces(jobs: readonly JobWithVariables[]): Readonly<Record<string, JobPlaces>> {
  const places = nothing<JobPlaces>();
  const known = new Map<SourceEntry, WorkflowPlace>();
  for (const { name, source, variables } of jobs) {
    const keys = nothing<WorkflowPlace>();
    for (const [key, entry] of source.entries) {
      if (!isNull(entry.node)) keys[key] = placeOf(entry, known);
    }
    if (variables !== undefined) keys["variables"] ??= placeOfKey(variables);
    places[name] = { ...placeOfKey(source), keys };
  }
  return places;
}

/** Many jobs may share an entry that they inherit. */
function placeOf(entry: SourceEntry, known: Map<SourceEntry, WorkflowPlace>): WorkflowPlace {
  let place = known.get(entry);
  if (place === undefined) {
    const { node, keyStart, keyEnd } = entry;
    place = placeAt({ file: node.file, start: keyStart, end: keyEnd }, pointerOf(node));
    known.set(entry, place);
  }
  return place;
}

function placeOfKey(node: SourceNode): WorkflowPlace {
  return placeAt(keyRange(node), pointerOf(node));
}

/** Without what every object has: a job may have any of those names. */
function nothing<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}
