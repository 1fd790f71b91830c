import type { GitlabContext } from "./gitlab-context.ts";

/** A text with the variables of the job put in, as far as they are known. */
export function expandKnown(text: string, valueOf: GitlabContext["valueOf"]): string {
  let expanded = text;
  for (
    let round = 0;
    round < MAX_ROUNDS && expanded.includes("$") && expanded.length < MAX_LENGTH;
    round += 1
  ) {
    const next = expanded.replaceAll(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (whole, braced: string | undefined, plain: string | undefined) =>
        valueOf(braced ?? plain ?? "") ?? whole,
    );
    if (next === expanded) break;
    expanded = next;
  }
  return expanded;
}

/** How deep values may name values, and how long a path or a name may become. */
const MAX_ROUNDS = 5;
const MAX_LENGTH = 4096;

/** A path or glob inside the workspace; undefined for one that leads out of it. */
export function innerPath(text: string, context: Pick<GitlabContext, "valueOf">): string | undefined {
  const path = expandKnown(text, context.valueOf)
    .replace(/^\$\{?CI_PROJECT_DIR\}?(?:\/|$)/, "")
    .replace(/^(?:\.\/)+/, "");
  if (path.trim() === "") return text.trim() === "" ? undefined : ".";
  const isOutside =
    /^[/~]|^\$\{?HOME\b/.test(path) || path.split(/[/\\]/).includes("..") || path.includes("\0");
  return isOutside ? undefined : path;
}
