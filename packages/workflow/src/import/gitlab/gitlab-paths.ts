import type { GitlabContext } from "./gitlab-context.ts";

/** A text with the variables of the job put in, as far as they are known; as it is where it would grow too long. */
export function expandKnown(text: string, valueOf: GitlabContext["valueOf"]): string {
  let expanded = text;
  for (let round = 0; round < MAX_ROUNDS && expanded.includes("$"); round += 1) {
    if (expanded.length > MAX_LENGTH) return text;
    const next = expanded.replaceAll(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (whole, braced: string | undefined, plain: string | undefined) => {
        const value = valueOf(braced ?? plain ?? "") ?? whole;
        return value.length > MAX_LENGTH ? whole : value;
      },
    );
    if (next === expanded) break;
    expanded = next;
  }
  return expanded.length > MAX_LENGTH ? text : expanded;
}

/** How deep values may name values, and how long a path or a name may become. */
const MAX_ROUNDS = 5;
const MAX_LENGTH = 500;

/** Longest path. Source: PATH_MAX of Linux. */
const MAX_PATH = 4096;

/** A path or glob inside the workspace, in which variables stay; undefined for one that leads out of it. */
export function workspacePath(text: string, context: Pick<GitlabContext, "valueOf">): string | undefined {
  const path = withoutProject(text);
  return innerPath(text, context) === undefined ? undefined : path === "" ? "." : path;
}

/** The same, with the variables put in that are known. */
export function innerPath(text: string, context: Pick<GitlabContext, "valueOf">): string | undefined {
  if (text.length > MAX_PATH || text.trim() === "") return undefined;
  const path = withoutProject(expandKnown(text, context.valueOf));
  if (path === "") return ".";
  const isOutside =
    /^[/~]|^\$\{?HOME\b/.test(path) || path.split(/[/\\]/).includes("..") || path.includes("\0");
  return isOutside ? undefined : path;
}

function withoutProject(path: string): string {
  return path.replace(/^\$(?:\{CI_PROJECT_DIR\}|CI_PROJECT_DIR\b)(?:\/|$)/, "").replace(/^(?:\.\/)+/, "");
}
