import { needsOf, type NameReference } from "../inherit/parents-of.ts";
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
}

/** Checks that jobs need only jobs that run, no later than themselves, and not in a circle. */
export function checkNeeds(
  jobs: readonly CompleteJob[],
  context: NeedsContext,
  problems: WorkflowProblem[],
): void {
  const byName = new Map(jobs.map((job) => [job.name, job]));
  const needs = new Map<string, readonly NameReference[]>();
  const suggest = nameSuggester(context.runnable);
  for (const job of jobs) {
    const references = needsOf(job.source);
    needs.set(job.name, references);
    const seen = new Set<string>();
    for (const reference of references) {
      const message = seen.has(reference.name)
        ? `remove the duplicate ${quoteName(reference.name)} from needs`
        : needFix(job, byName.get(reference.name), { name: reference.name, context, suggest });
      if (message !== undefined) problems.push(problemAtNode(reference.node, message));
      seen.add(reference.name);
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
  readonly context: NeedsContext;
  readonly suggest: (name: string) => string | undefined;
}

function needFix(
  job: CompleteJob,
  needed: CompleteJob | undefined,
  { name, context, suggest }: NeedCheck,
): string | undefined {
  if (name === job.name) return `remove ${name} from its own needs`;
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
