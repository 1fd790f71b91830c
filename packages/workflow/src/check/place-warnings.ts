import { problemAtNode } from "../source/problem-at.ts";
import { entryNode, type SourceNode } from "../source/source-node.ts";
import { REFERENCE } from "../variables/layer-value.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import type { CompleteJob } from "./complete-jobs.ts";
import { isText, type TextNode } from "./text-warning.ts";

/** Keys of caches that were meant to be templates, and paths that lead out of the workspace where nothing expands them. */
export function placeWarnings(jobs: readonly CompleteJob[]): WorkflowProblem[] {
  const found: WorkflowProblem[] = [];
  const seen = new Set<SourceNode>();
  for (const { source } of jobs) {
    for (const name of ["cache", "artifacts"]) {
      const value = entryNode(source, name);
      for (const entry of value?.kind === "list" ? value.items : [value]) {
        if (entry === undefined || seen.has(entry)) continue;
        seen.add(entry);
        const key = entryNode(entry, "key");
        if (key !== undefined && isText(key) && refersTo(key.value)) {
          const message = `write key: {template: ${JSON.stringify(key.value)}}: a text is taken as it is`;
          found.push(problemAtNode(key, message));
        }
        for (const list of [entryNode(entry, "paths"), entryNode(entry, "exclude")]) {
          if (list?.kind === "list") found.push(...list.items.flatMap((path) => pathWarning(path, name)));
        }
      }
    }
  }
  return found;
}

function refersTo(text: string): boolean {
  for (const match of text.matchAll(REFERENCE)) if (match[0] !== "$$") return true;
  return false;
}

function pathWarning(path: SourceNode, whose: string): WorkflowProblem[] {
  if (!isText(path)) return [];
  const home = /^~(?=\/|$)|\$HOME\b|\$\{HOME\}/.exec((path as TextNode).value)?.[0];
  if (home === undefined) return [];
  const rest =
    whose === "cache" ? ', and point the tool at it, such as NPM_CONFIG_CACHE: "$LOOM_PROJECT_DIR/.npm"' : "";
  return [problemAtNode(path, `name a folder of the workspace instead of ${home}${rest}`)];
}
