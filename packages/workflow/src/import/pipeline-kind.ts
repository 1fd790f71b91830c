import { at, entriesOf, type ForeignTree } from "./tree.ts";

/** Whose configuration a file is. */
export type PipelineKind = "gitlab" | "github";

const GITLAB_ROOT = ["stages", "include", "image", "before_script", "workflow", "default"];

/** Whose configuration this is; undefined for none of those that can be imported. */
export function pipelineKind(root: ForeignTree | undefined): PipelineKind | undefined {
  if (at(root, "jobs")?.kind === "map" && root?.kind === "map" && !root.entries.has("stages"))
    return "github";
  const entries = entriesOf(root);
  const isJob = ([, { node }]: (typeof entries)[number]): boolean =>
    ["script", "trigger", "extends", "run"].some((key) => at(node, key) !== undefined);
  if (at(root, "version") !== undefined) return undefined;
  return entries.some(isJob) || GITLAB_ROOT.some((key) => at(root, key) !== undefined) ? "gitlab" : undefined;
}
