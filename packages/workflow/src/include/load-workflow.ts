import { unreachable } from "@loom/core";
import { mergeBudget, mergeNodes, type MergeBudget } from "../inherit/merge-nodes.ts";
import { MAX_INCLUDE_DEPTH, MAX_JOBS } from "../limits.ts";
import { isTemplate } from "../schema/name-patterns.ts";
import { foreignFile } from "../check/foreign-file.ts";
import { JOB_FIX, judgeFile } from "../check/judge-file.ts";
import type { Judgement } from "../check/judge-value.ts";
import { isDedented, isJobEntry } from "../check/root-entries.ts";
import { problemAt, problemAtKey, problemAtNode } from "../source/problem-at.ts";
import { readYaml } from "../source/read-yaml.ts";
import { sourceFile, type SourceFile } from "../source/source-file.ts";
import { entryNode, isNull, type SourceMap, type SourceNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import type { IncludeRefusal, ReadInclude } from "./read-include.ts";
import { TEMPLATE_PATH } from "./template-path.ts";

/** A workflow with its included files laid together, nothing inherited yet. */
export interface LoadedWorkflow {
  /** In the order they were first read, the main file first. */
  readonly files: readonly SourceFile[];
  readonly problems: readonly WorkflowProblem[];
  /** What has been judged for good, since inheritance cannot change it. */
  readonly judgements: Map<SourceNode, Judgement>;
  /** Absent when the main file could not be understood at all. */
  readonly main: SourceMap | undefined;
  /** What every file holds as written, in the order they were merged. */
  readonly roots: readonly SourceMap[];
  /** Templates too, in declaration order, included files first. Only mappings. */
  readonly jobs: ReadonlyMap<string, SourceMap>;
  readonly defaults: SourceNode | undefined;
  readonly variables: SourceNode | undefined;
}

/** Where a workflow's text comes from. */
export interface LoadSource {
  readonly path: string;
  readonly text: string;
  readonly readInclude?: ReadInclude | undefined;
}

/** Reads a workflow and what it includes, and judges each file as it is written. */
export function loadWorkflow({ path, text, readInclude }: LoadSource): LoadedWorkflow {
  const loading: Loading = {
    files: [],
    roots: [],
    problems: [],
    judgements: new Map(),
    jobs: new Map(),
    budget: mergeBudget(),
    readInclude,
    finished: new Set(),
    counts: { jobs: 0, templates: 0 },
    defaults: undefined,
    variables: undefined,
  };
  const main = loadFile(loading, sourceFile(path, text, 0), []);
  const { files, roots, problems, judgements, jobs, defaults, variables } = loading;
  return { files, roots, problems, judgements, main, jobs, defaults, variables };
}

function emptyFileProblem(file: SourceFile): WorkflowProblem {
  const message = "make the workflow a mapping: start with version: v1";
  return problemAt("WF_SCHEMA_V1", { file, start: 0, end: 0 }, { path: "", message });
}

interface Loading {
  readonly files: SourceFile[];
  readonly roots: SourceMap[];
  readonly problems: WorkflowProblem[];
  readonly judgements: Map<SourceNode, Judgement>;
  readonly jobs: Map<string, SourceMap>;
  readonly budget: MergeBudget;
  readonly readInclude: ReadInclude | undefined;
  /** Included files that have been merged; a second include of one changes nothing. */
  readonly finished: Set<string>;
  /** How many of each there are; the first one too many is reported. */
  readonly counts: { jobs: number; templates: number };
  defaults: SourceNode | undefined;
  variables: SourceNode | undefined;
}

/** @param trail - The included files that lead here, the outermost first. */
function loadFile(loading: Loading, file: SourceFile, trail: readonly string[]): SourceMap | undefined {
  loading.files.push(file);
  const isMain = trail.length === 0;
  const read = readYaml(file);
  if (!read.ok) {
    for (const problem of read.error) loading.problems.push(problem);
    return undefined;
  }
  const { root } = read.value;
  const foreign = isMain && root?.kind === "map" ? foreignFile(root) : undefined;
  if (foreign !== undefined) {
    loading.problems.push(foreign);
    return undefined;
  }
  for (const problem of read.value.problems) loading.problems.push(problem);
  if (root === undefined || isNull(root)) {
    if (isMain) loading.problems.push(emptyFileProblem(file));
    return undefined;
  }
  if (root.kind !== "map") {
    const start = root.kind === "list" ? "start with version: v1, without a dash" : "start with version: v1";
    const wrong = isMain
      ? `make the workflow a mapping: ${start}`
      : "make the included file a mapping of jobs";
    loading.problems.push(problemAtNode(root, wrong));
    return undefined;
  }
  judgeFile(root, isMain, loading);
  loadIncludes(loading, root, trail);
  loading.roots.push(root);
  mergeFile(loading, root);
  return root;
}

function loadIncludes(loading: Loading, root: SourceMap, trail: readonly string[]): void {
  const list = entryNode(root, "include");
  if (list?.kind !== "list") return;
  for (const item of list.items) {
    const local = entryNode(item, "local");
    if (local?.kind !== "scalar" || typeof local.value !== "string" || !TEMPLATE_PATH.test(local.value))
      continue;
    const path = local.value;
    const report = (message: string): void => {
      loading.problems.push(problemAtNode(local, message));
    };
    if (trail.includes(path)) {
      const cycle = [...trail.slice(trail.indexOf(path)), path].join(" -> ");
      report(`resolve include cycle by removing one include: ${cycle}`);
    } else if (loading.finished.has(path)) continue;
    else if (trail.length >= MAX_INCLUDE_DEPTH) {
      report(`include at most ${MAX_INCLUDE_DEPTH} files deep; move this include up`);
    } else {
      const answer = loading.readInclude?.(path) ?? { ok: false, error: { code: "not_found" } };
      if (answer.ok)
        loadFile(loading, sourceFile(path, answer.value, loading.files.length), [...trail, path]);
      else report(refusalFix(path, answer.error));
      loading.finished.add(path);
    }
  }
}

function refusalFix(path: string, refusal: IncludeRefusal): string {
  switch (refusal.code) {
    case "not_found":
      return `create ${path}, or remove this include`;
    case "outside_repo":
      return `include a file inside the repository: ${path} leads out of it`;
    case "unreadable":
      return `make ${path} readable, or remove this include: ${refusal.reason}`;
    default:
      return unreachable(refusal);
  }
}

function mergeFile(loading: Loading, root: SourceMap): void {
  const { jobs, problems, budget } = loading;
  for (const [key, { node }] of root.entries) {
    if (key === "default") loading.defaults = mergeNodes(loading.defaults, node, budget);
    else if (key === "variables") loading.variables = mergeNodes(loading.variables, node, budget);
    else if (isJobEntry(root, key)) {
      const what = isTemplate(key) ? "templates" : "jobs";
      if (isNull(node)) {
        if (jobs.delete(key)) loading.counts[what] -= 1;
        else if (!isDedented(root, key)) problems.push(problemAtKey(node, JOB_FIX));
      }
      if (node.kind !== "map") continue;
      const known = jobs.get(key);
      const merged = mergeNodes(known, node, budget);
      if (merged.kind !== "map") continue;
      jobs.set(key, merged);
      if (known === undefined && (loading.counts[what] += 1) === MAX_JOBS + 1) {
        problems.push(problemAtKey(node, `split the workflow: it may have at most ${MAX_JOBS} ${what}`));
      }
    }
  }
}
