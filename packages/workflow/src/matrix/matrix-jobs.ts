import type { CompleteJob } from "../check/complete-jobs.ts";
import { MAX_JOBS } from "../limits.ts";
import { JOB_NAME } from "../schema/name-patterns.ts";
import { quoteName } from "../schema/quote-name.ts";
import { problemAtKey, problemAtNode } from "../source/problem-at.ts";
import {
  entryNode,
  isNull,
  type SourceEntry,
  type SourceMap,
  type SourceNode,
  type SourceScalar,
} from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";

/** One of the jobs that a matrix makes. */
export interface MatrixJob {
  readonly id: string;
  /** Its variables, each with one value, in the order in which they are written; where its entry of the matrix is. */
  readonly values: SourceMap;
}

/** What the matrices of a workflow make. */
export interface Matrices {
  /** The jobs that the matrix of a job makes, by its name. Jobs without one are not there. */
  readonly jobsOf: ReadonlyMap<string, readonly MatrixJob[]>;
  /** Jobs with a matrix whose jobs are not known, as something is wrong with it. */
  readonly unknown: ReadonlySet<string>;
  /** The name of the job whose matrix made a job, by its id. */
  readonly ownerOf: ReadonlyMap<string, string>;
}

/** How much of a value goes into the id of its job. */
const MAX_SLUGGED = 1_024;

/** Longest part of an id that a value makes; a longer one makes the id too long in any case. */
const MAX_SLUG = 65;

/** Makes the jobs of every matrix. Problems: ids that are too long or taken, and too many jobs. */
export function matrixJobs(jobs: readonly CompleteJob[], problems: WorkflowProblem[]): Matrices {
  const jobsOf = new Map<string, readonly MatrixJob[]>();
  const ownerOf = new Map<string, string>();
  const unknown = new Set<string>();
  const names = new Set(jobs.map(({ name }) => name));
  let total = jobs.length;
  for (const { name, source, definition } of jobs) {
    const matrix = entryNode(source, "matrix");
    if (matrix !== undefined && !isNull(matrix)) unknown.add(name);
    if (definition.matrix === undefined || matrix?.kind !== "list" || total > MAX_JOBS) continue;
    const made = new Map<string, MatrixJob>();
    // A value that is wrong in one combination is wrong in others, too.
    const reported = new Set<SourceNode>();
    for (const job of matrix.items.flatMap((entry) => combinations(name, entry))) {
      const problem = idProblem(name, job, { twin: made.get(job.id), isTaken: isTaken(job.id) });
      if (problem === undefined) made.set(job.id, job);
      else if (!reported.has(problem.node)) {
        reported.add(problem.node);
        problems.push(problemAtNode(problem.node, problem.message));
      }
    }
    total += made.size - 1;
    if (total > MAX_JOBS) {
      const message = `split the workflow: it may have at most ${MAX_JOBS} jobs, those of matrices among them`;
      problems.push(problemAtKey(matrix, message));
      continue;
    }
    unknown.delete(name);
    for (const id of made.keys()) ownerOf.set(id, name);
    jobsOf.set(name, [...made.values()]);
  }
  return { jobsOf, ownerOf, unknown };

  function isTaken(id: string): boolean {
    return names.has(id) || ownerOf.has(id);
  }
}

/** The jobs that one entry makes: the values of its last variable change first. */
function combinations(name: string, entry: SourceNode): MatrixJob[] {
  if (entry.kind !== "map") return [];
  let rows: { readonly id: string; readonly entries: readonly (readonly [string, SourceEntry])[] }[] = [
    { id: name, entries: [] },
  ];
  for (const [variable, written] of entry.entries) {
    const values = valuesOf(written.node).map((node) => ({ node, slug: valueSlug(String(node.value)) }));
    rows = rows.flatMap(({ id, entries }) =>
      values.map(({ node, slug }) => ({
        id: joinedId(id, slug),
        entries: [...entries, [variable, { ...written, node }] as const],
      })),
    );
  }
  return rows.map(({ id, entries }) => ({ id, values: { ...entry, entries: new Map(entries) } }));
}

function valuesOf(node: SourceNode): readonly SourceScalar[] {
  const nodes = node.kind === "list" ? node.items : [node];
  return nodes.filter((each) => each.kind === "scalar");
}

/** The id of a job with one more value in it. */
export function joinedId(id: string, slug: string): string {
  return slug === "" ? id : `${id}-${slug}`;
}

/** What a value adds to the id of a job: what may stand in one, in lower case, with a dash for the rest. */
export function valueSlug(value: string): string {
  return value
    .slice(0, MAX_SLUGGED)
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, MAX_SLUG);
}

interface IdProblem {
  readonly node: SourceNode;
  readonly message: string;
}

function idProblem(
  name: string,
  { id, values }: MatrixJob,
  { twin, isTaken }: { readonly twin: MatrixJob | undefined; readonly isTaken: boolean },
): IdProblem | undefined {
  const nodes = [...values.entries.values()].map(({ node }) => node);
  const longest = nodes.reduce((a, b) => (textOf(b).length > textOf(a).length ? b : a), nodes[0] ?? values);
  if (!JOB_NAME.test(id)) {
    const message = `shorten this value: it makes a job called ${quoteName(id)}, and a name has at most 64 characters`;
    return { node: longest, message };
  }
  if (twin !== undefined) return twinProblem(id, values, twin.values);
  if (id === name) {
    const message = `put a letter or a digit into this value: without one, its job would be called ${name} as well`;
    return { node: longest, message };
  }
  if (isTaken) {
    const last = nodes.findLast((node) => valueSlug(textOf(node)) !== "") ?? values;
    return { node: last, message: `change this value: another job is called ${quoteName(id)} as well` };
  }
  return undefined;
}

/** Two jobs of one matrix have the same id: what tells them apart, if anything, is lost in it. */
function twinProblem(id: string, values: SourceMap, twin: SourceMap): IdProblem {
  for (const [variable, { node }] of values.entries) {
    const other = twin.entries.get(variable)?.node;
    if (other === undefined || node === other) continue;
    if (textOf(node) !== textOf(other))
      return { node, message: `change this value: another one makes a job called ${quoteName(id)} as well` };
    if (node.parent === other.parent)
      return { node, message: `remove the duplicate ${quoteName(textOf(node))} from ${variable}` };
  }
  return { node: values, message: `change this entry: an earlier one makes a job called ${quoteName(id)}` };
}

function textOf(node: SourceNode): string {
  return node.kind === "scalar" ? String(node.value) : "";
}
