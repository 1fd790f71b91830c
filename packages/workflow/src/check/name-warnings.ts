import { conditionTokens } from "../rules/condition-tokens.ts";
import { nameSuggester } from "../schema/name-suggester.ts";
import { entryNode, type SourceMap, type SourceNode } from "../source/source-node.ts";
import { REFERENCE } from "../variables/layer-value.ts";
import { PREDEFINED_NAMES } from "../variables/predefined-names.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import type { CompleteJob } from "./complete-jobs.ts";
import { longSteps } from "./step-nodes.ts";
import { isText, warningAt, type TextNode } from "./text-warning.ts";

/** What the values of a workflow are looked through for. */
export interface NameWarningOptions {
  /** What every file holds as written. */
  readonly roots: readonly SourceMap[];
  /** The jobs that run, everything inherited. */
  readonly jobs: readonly CompleteJob[];
}

/** Names in values and conditions that nothing sets, and that are close to one that something sets. */
export function nameWarnings({ roots, jobs }: NameWarningOptions): WorkflowProblem[] {
  const set = namesIn(roots, jobs);
  const suggest = nameSuggester(set);
  const suggestForKey = nameSuggester([...CACHE_NAMES, ...set]);
  const found: WorkflowProblem[] = [];
  const judge = (node: TextNode, { name, start, length, isKey }: Reference): void => {
    if (set.has(name) || name === node.key || (isKey && CACHE_NAMES.includes(name))) return;
    const near = (isKey ? suggestForKey : suggest)(name);
    if (near === undefined || name.length < MIN_LENGTH || isNumbered(name, near)) return;
    // Such a name is not mistyped, and a workflow for both systems may ask for it.
    if (GITLAB_NAMES.has(name)) return;
    const message = `write $${near} instead of $${name}, which nothing sets`;
    found.push(warningAt(node, { start, length, message }));
  };
  for (const node of conditionsIn(roots, jobs)) {
    const tokens = conditionTokens(node.value);
    for (const token of tokens.ok ? tokens.value : []) {
      if (token.kind !== "variable") continue;
      const { name, start, end } = token;
      judge(node, { name, start, length: end - start, isKey: false });
    }
  }
  const seen = new Set<SourceNode>();
  for (const { node, isKey } of expandedTexts(roots, jobs)) {
    if (seen.has(node)) continue;
    seen.add(node);
    for (const match of node.value.matchAll(REFERENCE)) {
      const name = match[1] ?? match[2];
      if (name !== undefined) judge(node, { name, start: match.index, length: match[0].length, isKey });
    }
  }
  return found;
}

/** A name with its dollar in a text. */
interface Reference {
  readonly name: string;
  readonly start: number;
  readonly length: number;
  readonly isKey: boolean;
}

/** Variables of GitLab that Loom does not set, as far as their names are close to one that it sets. */
const GITLAB_NAMES: ReadonlySet<string> = new Set(
  [
    "CI_COMMIT_AUTHOR CI_COMMIT_BEFORE_SHA CI_COMMIT_DESCRIPTION CI_COMMIT_REF_NAME CI_COMMIT_REF_SLUG",
    "CI_COMMIT_TAG CI_COMMIT_TAG_MESSAGE CI_COMMIT_TIMESTAMP CI_COMMIT_TITLE CI_DEFAULT_BRANCH",
    "CI_JOB_GROUP_NAME CI_JOB_ID CI_JOB_IMAGE CI_JOB_NAME_SLUG CI_JOB_TOKEN CI_JOB_URL CI_NODE_INDEX",
    "CI_PIPELINE_IID CI_PIPELINE_NAME CI_PIPELINE_SOURCE CI_PIPELINE_URL CI_PROJECT_ID CI_PROJECT_NAME",
    "CI_PROJECT_PATH CI_PROJECT_TITLE CI_PROJECT_URL",
  ].flatMap((line) => line.split(" ")),
);

/** Shorter names are close to one another by chance. */
const MIN_LENGTH = 4;

/** Whether names differ in their numbers alone, as those of a row do. */
function isNumbered(name: string, other: string): boolean {
  return name.replaceAll(/\d/g, "") === other.replaceAll(/\d/g, "");
}

/** What only the template of a cache key knows. */
const CACHE_NAMES: readonly string[] = ["job_name", "job_id", "run_id", "pipeline_id", "head_sha"];

function namesIn(roots: readonly SourceMap[], jobs: readonly CompleteJob[]): ReadonlySet<string> {
  const names = new Set<string>();
  const seen = new Set<SourceNode>();
  const add = (node: SourceNode | undefined): void => {
    if (node?.kind !== "map" || seen.has(node)) return;
    seen.add(node);
    for (const name of node.entries.keys()) names.add(name);
  };
  for (const root of roots) {
    add(entryNode(root, "variables"));
    for (const { node } of root.entries.values()) {
      add(entryNode(node, "variables"));
      add(entryNode(node, "secrets"));
    }
  }
  for (const { source } of jobs) {
    add(entryNode(source, "variables"));
    add(entryNode(source, "matrix"));
    for (const rule of itemsOf(entryNode(source, "rules"))) add(entryNode(rule, "variables"));
    for (const step of longSteps(source)) add(entryNode(step, "variables"));
  }
  for (const name of PREDEFINED_NAMES) names.add(name);
  return names;
}

/** The conditions of the workflow and of jobs, each once. */
function conditionsIn(roots: readonly SourceMap[], jobs: readonly CompleteJob[]): TextNode[] {
  const lists = new Set<SourceNode | undefined>();
  for (const root of roots) lists.add(entryNode(entryNode(root, "workflow"), "rules"));
  for (const { source } of jobs) lists.add(entryNode(source, "rules"));
  const steps = new Set(jobs.flatMap(({ source }) => longSteps(source)));
  return [...[...lists].flatMap(itemsOf), ...steps].flatMap((rule) => textsIn(entryNode(rule, "if")));
}

function itemsOf(node: SourceNode | undefined): readonly SourceNode[] {
  return node?.kind === "list" ? node.items : [];
}

interface ExpandedText {
  readonly node: TextNode;
  readonly isKey: boolean;
}

function* expandedTexts(roots: readonly SourceMap[], jobs: readonly CompleteJob[]): Generator<ExpandedText> {
  for (const root of roots) yield* plain(textsIn(entryNode(root, "variables")));
  const seen = new Set<SourceNode>();
  for (const { source } of jobs) {
    for (const key of ["variables", "matrix", "image", "services", "artifacts", "cache"]) {
      const value = entryNode(source, key);
      if (value === undefined || seen.has(value)) continue;
      seen.add(value);
      if (key === "variables" || key === "matrix") yield* plain(textsIn(value));
      for (const entry of value.kind === "list" ? value.items : [value]) {
        if (key === "image" || key === "services") {
          yield* plain([...textsIn(scalarIn(entry)), ...textsIn(entryNode(entry, "name"))]);
          continue;
        }
        yield* plain([...textsIn(entryNode(entry, "paths")), ...textsIn(entryNode(entry, "exclude"))]);
        for (const node of textsIn(entryNode(entryNode(entry, "key"), "template")))
          yield { node, isKey: true };
      }
    }
  }
}

function plain(nodes: readonly TextNode[]): ExpandedText[] {
  return nodes.map((node) => ({ node, isKey: false }));
}

function scalarIn(node: SourceNode): SourceNode | undefined {
  return node.kind === "scalar" ? node : undefined;
}

/** The texts of a value: itself, or the entries of a list or a mapping. */
function textsIn(node: SourceNode | undefined): TextNode[] {
  if (node === undefined) return [];
  if (node.kind === "scalar") return isText(node) ? [node] : [];
  const parts = node.kind === "list" ? node.items : [...node.entries.values()].map((entry) => entry.node);
  return parts.filter((part) => isText(part));
}
