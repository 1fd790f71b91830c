import { problemAtKey } from "../source/problem-at.ts";
import { entryNode, type SourceMap, type SourceNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";

/** How a file of another tool is told, and what it is. */
interface ForeignFile {
  /** The value that betrays it. */
  readonly mark: (root: SourceMap) => SourceNode | undefined;
  readonly message: string;
}

const START = "start with version: v1 and stages";

const FOREIGN_FILES: readonly ForeignFile[] = [
  {
    mark: (root) =>
      root.entries.has("on") || hasDeep(root, "jobs", "runs-on") ? mappingAt(root, "jobs") : undefined,
    message: `this is a GitHub Actions workflow: ${START}, then write each job under jobs at the root, the commands of its steps as script`,
  },
  {
    mark: (root) => mappingAt(root, "tasks"),
    message: `this is a Taskfile: ${START}, then write each task as a job at the root, cmds as script and deps as needs`,
  },
  {
    mark: gitlabMark,
    message: `this is a GitLab pipeline: ${START}, then go through the jobs; settings of the root go into default`,
  },
];

/**
 * What a file is that another tool wrote the rules for, as one problem: what
 * could be said of its keys would say it of each.
 */
export function foreignFile(root: SourceMap): WorkflowProblem | undefined {
  if (root.entries.has("version") && scalarAt(root, "version") === "v1") return undefined;
  for (const { mark, message } of FOREIGN_FILES) {
    const node = mark(root);
    if (node !== undefined) return problemAtKey(node, message);
  }
  return undefined;
}

function scalarAt(root: SourceMap, key: string): unknown {
  const node = entryNode(root, key);
  return node?.kind === "scalar" ? node.value : undefined;
}

function mappingAt(root: SourceMap, key: string): SourceNode | undefined {
  const node = entryNode(root, key);
  return node?.kind === "map" ? node : undefined;
}

function hasDeep(root: SourceMap, key: string, inner: string): boolean {
  const node = entryNode(root, key);
  return node?.kind === "map" && [...node.entries.values()].some((entry) => hasKey(entry.node, inner));
}

function hasKey(node: SourceNode, key: string): boolean {
  return node.kind === "map" && node.entries.has(key);
}

/** Keys that only GitLab has, at the root and in a job. */
const GITLAB_ROOT = ["before_script", "after_script", "image", "cache", "services", "types"];
const GITLAB_JOB = ["only", "except", "tags", "dependencies", "environment", "interruptible", "parallel"];
const GITLAB_INCLUDE = ["project", "remote", "template", "component"];

function gitlabMark(root: SourceMap): SourceNode | undefined {
  // Without it, a file is more likely one of ours whose first line is missing.
  if (root.entries.has("version")) return undefined;
  const include = entryNode(root, "include");
  const included = include?.kind === "list" ? include.items : include === undefined ? [] : [include];
  if (included.some((item) => item.kind === "scalar" || GITLAB_INCLUDE.some((key) => hasKey(item, key))))
    return include;
  for (const [name, { node }] of root.entries) {
    if (GITLAB_ROOT.includes(name) && !hasKey(node, "script")) return node;
    if (hasKey(node, "script") && GITLAB_JOB.some((key) => hasKey(node, key))) return node;
  }
  return undefined;
}
