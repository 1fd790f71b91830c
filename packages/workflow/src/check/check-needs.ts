import { needsOf, type NameReference } from "../inherit/parents-of.ts";
import type { Matrices } from "../matrix/matrix-jobs.ts";
import { isTemplate } from "../schema/name-patterns.ts";
import { nameSuggester } from "../schema/name-suggester.ts";
import { quoteName } from "../schema/quote-name.ts";
import { problemAtNode } from "../source/problem-at.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import type { CompleteJob } from "./complete-jobs.ts";
import { findCycles } from "./find-cycles.ts";

/** What `needs` are checked against. */
export interface NeedsContext {
  /** Every job that runs, even one that could not be resolved. */
  readonly runnable: ReadonlySet<string>;
  readonly templates: ReadonlySet<string>;
  /** Place of each stage in the execution order; undefined when `stages` itself is wrong. */
  readonly stages: ReadonlyMap<string, number> | undefined;
  /** The jobs that matrices make, which may be needed, too. */
  readonly matrices: Matrices;
}

/** Checks that jobs need only jobs that run, no later than themselves, and not in a circle. */
export function checkNeeds(
  jobs: readonly CompleteJob[],
  context: NeedsContext,
  problems: WorkflowProblem[],
): void {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const needs = new Map<string, readonly NameReference[]>();
  const { ownerOf } = context.matrices;
  const suggest = nameSuggester([...context.runnable, ...ownerOf.keys()]);
  for (const job of jobs) {
    const references = needsOf(job.source);
    // All jobs of a matrix have the needs that are written once, so it is enough to follow those.
    const written = references.map(({ name, node }) => ({ name: ownerOf.get(name) ?? name, node }));
    needs.set(job.name, written);
    const seen = new Set<string>();
    const inPart = new Set<string>();
    for (const [index, reference] of references.entries()) {
      const owner = written[index]?.name ?? reference.name;
      const isPart = owner !== reference.name;
      const again = seen.has(reference.name) || (isPart ? seen.has(owner) : inPart.has(owner));
      const message = again
        ? `remove the duplicate ${quoteName(reference.name)} from needs`
        : needFix(job, byName.get(owner), { name: reference.name, owner, context, suggest });
      if (message !== undefined) problems.push(problemAtNode(reference.node, message));
      seen.add(reference.name);
      if (isPart) inPart.add(owner);
    }
  }
  const names = jobs.map((job) => job.name);
  const others = (name: string): string[] =>
    (needs.get(name) ?? []).flatMap((reference) => (reference.name === name ? [] : reference.name));
  for (const cycle of findCycles(names, others)) {
    const [first = "", second = ""] = cycle;
    const edge = needs.get(first)?.find((reference) => reference.name === second);
    const message = `resolve needs cycle by removing one needs edge: ${[...cycle, first].join(" -> ")}`;
    if (edge !== undefined) problems.push(problemAtNode(edge.node, message));
  }
}

interface NeedCheck {
  readonly name: string;
  /** The job that is written: the name itself, unless a matrix makes the job of that name. */
  readonly owner: string;
  readonly context: NeedsContext;
  readonly suggest: (name: string) => string | undefined;
}

function needFix(
  job: CompleteJob,
  needed: CompleteJob | undefined,
  { name, owner, context, suggest }: NeedCheck,
): string | undefined {
  if (owner === job.name) return `remove ${name} from its own needs`;
  if (context.templates.has(name)) return `remove ${name} from needs: a template never runs`;
  if (needed === undefined)
    return context.runnable.has(name)
      ? undefined
      : unknownFix(name, isTemplate(name) ? undefined : suggest(name));
  const own = stagePlace(job, context);
  const other = stagePlace(needed, context);
  if (own === undefined || other === undefined || other <= own) return undefined;
  return `remove ${name} from the needs of ${job.name}: stage ${needed.definition.stage} runs after stage ${job.definition.stage}`;
}

function stagePlace(job: CompleteJob, { stages }: NeedsContext): number | undefined {
  return job.definition.stage === undefined ? undefined : stages?.get(job.definition.stage);
}

function unknownFix(name: string, near: string | undefined): string {
  if (near !== undefined) return `need ${near} instead of ${quoteName(name)}, which is not a job`;
  return `add a job ${quoteName(name)}, or remove it from needs`;
}
