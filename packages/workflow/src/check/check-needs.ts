import { needsOf, type Need } from "../inherit/needs-of.ts";
import type { NameReference } from "../inherit/parents-of.ts";
import { chosenJobs } from "../matrix/chosen-jobs.ts";
import type { Matrices } from "../matrix/matrix-jobs.ts";
import { isTemplate } from "../schema/name-patterns.ts";
import { nameSuggester } from "../schema/name-suggester.ts";
import { quoteName } from "../schema/quote-name.ts";
import { problemAtKey, problemAtNode } from "../source/problem-at.ts";
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
  const followed = new Map<string, readonly NameReference[]>();
  const { ownerOf } = context.matrices;
  const suggest = nameSuggester([...context.runnable, ...ownerOf.keys()]);
  for (const job of jobs) {
    const needs = needsOf(job.source);
    // All jobs of a matrix have the needs that are written once, so it is enough to follow those.
    const owners = needs.map(({ name, node }) => ({ name: ownerOf.get(name) ?? name, node }));
    followed.set(job.name, owners);
    const seen: NeededJobs = { ids: new Set(), inPart: new Set() };
    for (const [index, need] of needs.entries()) {
      const owner = owners[index]?.name ?? need.name;
      const problem =
        choiceProblem(need, context) ??
        repeatProblem(need, owner, { seen, context }) ??
        needProblem(job, byName.get(owner), { need, owner, context, suggest });
      if (problem !== undefined) problems.push(problem);
    }
  }
  const names = jobs.map((job) => job.name);
  const others = (name: string): string[] =>
    (followed.get(name) ?? []).flatMap((reference) => (reference.name === name ? [] : reference.name));
  for (const cycle of findCycles(names, others)) {
    const [first = "", second = ""] = cycle;
    const edge = followed.get(first)?.find((reference) => reference.name === second);
    const message = `resolve needs cycle by removing one needs edge: ${[...cycle, first].join(" -> ")}`;
    if (edge !== undefined) problems.push(problemAtNode(edge.node, message));
  }
}

/** What `matrix` of a need asks for has to be there. */
function choiceProblem(
  { name, values, optional }: Need,
  { runnable, matrices }: NeedsContext,
): WorkflowProblem | undefined {
  if (values === undefined) return undefined;
  const jobs = matrices.jobsOf.get(name);
  if (jobs === undefined) {
    if (matrices.unknown.has(name)) return undefined;
    const isKnown = runnable.has(name) || matrices.ownerOf.has(name);
    return isKnown ? problemAtKey(values, `remove matrix from this need: ${name} has no matrix`) : undefined;
  }
  const known = new Set(jobs.flatMap((job) => [...job.values.entries.keys()]));
  for (const [variable, { node }] of values.entries) {
    if (known.has(variable)) continue;
    return problemAtKey(node, `choose by ${[...known].join(", ")}: the matrix of ${name} has no ${variable}`);
  }
  if (optional || chosenJobs(jobs, values).length > 0) return undefined;
  return problemAtNode(values, `choose values that the matrix of ${name} has: none of its jobs has these`);
}

/** The jobs that a job needs as far as they have been looked at. */
interface NeededJobs {
  /** Ids, and names of jobs with a matrix of which all are needed. */
  readonly ids: Set<string>;
  /** Names of jobs with a matrix of which some are needed. */
  readonly inPart: Set<string>;
}

function repeatProblem(
  { name, node, values }: Need,
  owner: string,
  { seen, context }: { readonly seen: NeededJobs; readonly context: NeedsContext },
): WorkflowProblem | undefined {
  const isWhole = owner === name && values === undefined;
  const ids =
    values === undefined
      ? [name]
      : chosenJobs(context.matrices.jobsOf.get(name) ?? [], values).map(({ id }) => id);
  const again = ids.find((id) => seen.ids.has(id));
  const isRepeated = again !== undefined || seen.ids.has(owner) || (isWhole && seen.inPart.has(owner));
  for (const id of ids) seen.ids.add(id);
  if (!isWhole) seen.inPart.add(owner);
  if (!isRepeated) return undefined;
  if (values === undefined || again === undefined)
    return problemAtNode(node, `remove the duplicate ${quoteName(name)} from needs`);
  return problemAtNode(values, `choose other values: ${quoteName(again)} is needed already`);
}

interface NeedCheck {
  readonly need: Need;
  /** The job that is written: the name itself, unless a matrix makes the job of that name. */
  readonly owner: string;
  readonly context: NeedsContext;
  readonly suggest: (name: string) => string | undefined;
}

function needProblem(
  job: CompleteJob,
  needed: CompleteJob | undefined,
  check: NeedCheck,
): WorkflowProblem | undefined {
  const message = needFix(job, needed, check);
  return message === undefined ? undefined : problemAtNode(check.need.node, message);
}

function needFix(
  job: CompleteJob,
  needed: CompleteJob | undefined,
  { need: { name, optional }, owner, context, suggest }: NeedCheck,
): string | undefined {
  if (owner === job.name) return `remove ${name} from its own needs`;
  if (context.templates.has(name)) return `remove ${name} from needs: a template never runs`;
  if (needed === undefined)
    return optional || context.runnable.has(name)
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
