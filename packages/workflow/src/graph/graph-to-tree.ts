import { nodeSteps, type GraphIr, type GraphNode, imageOf, jobsByMatrix } from "@loom/core";
import { nodesByStage } from "./nodes-by-stage.ts";

/**
 * A graph as lines for people: each stage, below it its jobs, each with its steps, what it needs, what sets
 * it apart, and the provider that runs it. The jobs of a matrix are below its name.
 */
export function graphToTree(graph: GraphIr): string {
  const lines: string[] = [];
  const matrices = matricesOf(graph);
  for (const [stage, nodes] of nodesByStage(graph)) {
    lines.push(nodes.length === 0 ? `${stage} (no jobs)` : stage);
    const groups = jobsByMatrix(nodes, (node) => node.matrix?.job);
    for (const [index, { matrix, jobs }] of groups.entries()) {
      const isLast = index === groups.length - 1;
      const [first] = jobs;
      const head =
        matrix === undefined
          ? [named(first.id, first)]
          : [named(matrix, first), `${jobs.length} ${jobs.length === 1 ? "job" : "jobs"}`];
      lines.push(`${isLast ? "└─" : "├─"} ${[...head, ...remarks(first, matrices)].join(" · ")}`);
      for (const [place, job] of matrix === undefined ? [] : jobs.entries())
        lines.push(`${isLast ? " " : "│"}  ${place === jobs.length - 1 ? "└─" : "├─"} ${withValues(job)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** A name with the title of its job, if there is one. */
function named(name: string, { title }: GraphNode): string {
  return title === undefined ? name : `${name} (${plain(title)})`;
}

/** One of the jobs of a matrix; what the others have, too, is said once. */
function withValues({ id, matrix }: GraphNode): string {
  return [id, ...(matrix?.values ?? []).map(({ key, value }) => `${key}=${plain(value)}`)].join(" · ");
}

function remarks(node: GraphNode, matrices: Matrices): string[] {
  const count = nodeSteps(node).length;
  const notes: string[] = [`${count} ${count === 1 ? "step" : "steps"}`];
  if (node.needs !== undefined) notes.push(`needs ${needNames(node.needs, matrices).join(", ")}`);
  if (node.gate === "needs")
    notes.push(node.needs === undefined ? "waits for nothing" : "waits for no stage");
  const { needs_without_artifacts: without } = node;
  if (without !== undefined) notes.push(`no artifacts of ${needNames(without, matrices).join(", ")}`);
  if (node.when === "manual") notes.push("runs when asked for");
  else if (node.when !== undefined)
    notes.push(node.when === "always" ? "runs always" : `runs ${node.when.replace("_", " ")}`);
  if (node.rules !== undefined)
    notes.push(`${node.rules.length} ${node.rules.length === 1 ? "rule" : "rules"}`);
  if (node.allow_failure === true) notes.push("may fail");
  else if (typeof node.allow_failure === "object")
    notes.push(`may exit with ${node.allow_failure.exit_codes.join(", ")}`);
  if (node.retry !== undefined && node.retry.max > 0) notes.push(`up to ${node.retry.max + 1} attempts`);
  if (node.shell !== undefined)
    notes.push(`in ${plain(typeof node.shell === "string" ? node.shell : (node.shell[0] ?? ""))}`);
  if (node.carry !== undefined) notes.push(`carries ${node.carry.join(" and ")}`);
  if (node.resource !== undefined) notes.push(`alone with ${node.resource}`);
  if (node.workspace === "own") notes.push("in its own workspace");
  for (const service of node.services ?? []) notes.push(`with ${plain(service.alias ?? service.name)}`);
  const image = imageOf(node);
  notes.push(image === undefined ? "on host" : `in docker ${plain(image.name)}`);
  return notes;
}

/** What a job needs; the jobs of a matrix by its name if it needs all of them. */
function needNames(needs: readonly string[], matrices: Matrices): readonly string[] {
  if (matrices.sizes.size === 0) return needs;
  const counts = new Map<string, number>();
  for (const need of needs) {
    const matrix = matrices.matrixOf.get(need) ?? need;
    counts.set(matrix, (counts.get(matrix) ?? 0) + 1);
  }
  const names = needs.map((need) => {
    const matrix = matrices.matrixOf.get(need);
    return matrix !== undefined && counts.get(matrix) === matrices.sizes.get(matrix) ? matrix : need;
  });
  return [...new Set(names)];
}

interface Matrices {
  /** How many jobs each makes. */
  readonly sizes: ReadonlyMap<string, number>;
  readonly matrixOf: ReadonlyMap<string, string>;
}

function matricesOf(graph: GraphIr): Matrices {
  const sizes = new Map<string, number>();
  const matrixOf = new Map<string, string>();
  for (const { id, matrix } of graph.nodes) {
    if (matrix === undefined) continue;
    sizes.set(matrix.job, (sizes.get(matrix.job) ?? 0) + 1);
    matrixOf.set(id, matrix.job);
  }
  return { sizes, matrixOf };
}

/** Names of images are free text: control characters would reach the terminal. */
function plain(name: string): string {
  return name.replaceAll(/\p{Cc}/gu, " ");
}
