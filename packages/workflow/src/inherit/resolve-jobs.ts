import { findCycles } from "../check/find-cycles.ts";
import { TOO_LARGE_FIX } from "../graph/build-graph.ts";
import { NOT_IN_DEFAULT } from "../schema/name-patterns.ts";
import { nameSuggester } from "../schema/name-suggester.ts";
import { quoteName } from "../schema/quote-name.ts";
import { problemAtKey, problemAtNode } from "../source/problem-at.ts";
import type { SourceEntry, SourceMap, SourceNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import { mergeNodes, type MergeBudget } from "./merge-nodes.ts";
import { parentsOf } from "./parents-of.ts";

/**
 * Resolves `default` and `extends` of every job.
 *
 * Order of rising strength: `default`, the parents from left to right, the job.
 * Each job is merged once, however many extend it.
 *
 * @returns Templates too, in declaration order. A job whose parents cannot be
 *   resolved is left out.
 */
export function resolveJobs(
  jobs: ReadonlyMap<string, SourceMap>,
  { defaults, budget }: { readonly defaults: SourceNode | undefined; readonly budget: MergeBudget },
  problems: WorkflowProblem[],
): ReadonlyMap<string, SourceMap> {
  const unresolved = new Set<string>();
  const suggest = nameSuggester({ [Symbol.iterator]: () => jobs.keys() });
  for (const [name, job] of jobs) {
    for (const parent of parentsOf(job)) {
      if (jobs.has(parent.name)) continue;
      unresolved.add(name);
      problems.push(problemAtNode(parent.node, unknownParentFix(parent.name, suggest(parent.name))));
    }
  }
  const parents = new Map([...jobs].map(([name, job]) => [name, parentsOf(job)]));
  const namesOf = (name: string): string[] => (parents.get(name) ?? []).map((parent) => parent.name);
  for (const cycle of findCycles([...jobs.keys()], namesOf)) {
    const [first = "", second = first] = cycle;
    const edge = parents.get(first)?.find((parent) => parent.name === second);
    // The published wording of v1, kept to the letter.
    const message = `resolve extends cycle by removing one extends edge: ${[...cycle, first].join(" -> ")}`;
    if (edge !== undefined) problems.push(problemAtNode(edge.node, message));
    for (const name of cycle) unresolved.add(name);
  }
  const shared = defaults?.kind === "map" ? withoutKeys(defaults, NOT_IN_DEFAULT) : undefined;
  const extended = layTogether(jobs, { namesOf, unresolved, budget });
  const resolved = new Map<string, SourceMap>();
  for (const [name, job] of jobs) {
    const merged = extended.get(name);
    if (merged === undefined) continue;
    const complete = mergeNodes(shared, merged, budget);
    if (complete.kind === "map") resolved.set(name, complete);
    if (budget.entries < 0) {
      problems.push(problemAtKey(job, TOO_LARGE_FIX));
      return new Map();
    }
  }
  return resolved;
}

interface Extension {
  readonly namesOf: (name: string) => readonly string[];
  /** Jobs that cannot be resolved. Those that extend them are added. */
  readonly unresolved: Set<string>;
  readonly budget: MergeBudget;
}

/** Merges every job with its parents, parents first, with a stack of its own. */
function layTogether(
  jobs: ReadonlyMap<string, SourceMap>,
  { namesOf, unresolved, budget }: Extension,
): ReadonlyMap<string, SourceMap> {
  const done = new Map<string, SourceMap>();
  const entered = new Set<string>();
  for (const root of jobs.keys()) {
    const stack = [root];
    for (let name = stack.at(-1); name !== undefined; name = stack.at(-1)) {
      const job = jobs.get(name);
      if (job === undefined || done.has(name) || unresolved.has(name)) {
        stack.pop();
        continue;
      }
      const open = namesOf(name).filter((parent) => !done.has(parent) && !unresolved.has(parent));
      if (open.length > 0) {
        // Seen before with parents still open: it lies on a cycle.
        if (entered.has(name)) unresolved.add(name);
        entered.add(name);
        for (const parent of open) stack.push(parent);
        continue;
      }
      stack.pop();
      if (namesOf(name).some((parent) => unresolved.has(parent))) unresolved.add(name);
      else done.set(name, mergeWithParents(job, { namesOf: namesOf(name), done, budget }));
    }
  }
  return done;
}

function mergeWithParents(
  job: SourceMap,
  {
    namesOf,
    done,
    budget,
  }: {
    readonly namesOf: readonly string[];
    readonly done: ReadonlyMap<string, SourceMap>;
    readonly budget: MergeBudget;
  },
): SourceMap {
  let weak: SourceNode | undefined;
  for (const name of namesOf) {
    const parent = done.get(name);
    if (parent === undefined) continue;
    // What it extends has been resolved.
    const inherited = withoutKeys(parent, ["extends"]);
    weak = weak === undefined ? inherited : mergeNodes(weak, inherited, budget);
  }
  const merged = mergeNodes(weak, job, budget);
  return merged.kind === "map" ? merged : job;
}

function withoutKeys(map: SourceMap, keys: readonly string[]): SourceMap {
  if (!keys.some((key) => map.entries.has(key))) return map;
  const entries = new Map<string, SourceEntry>(map.entries);
  for (const key of keys) entries.delete(key);
  return { ...map, entries };
}

function unknownParentFix(name: string, near: string | undefined): string {
  if (near !== undefined) return `extend ${near} instead of ${quoteName(name)}, which is not a job`;
  return `add a job ${quoteName(name)}, or remove it from extends`;
}
