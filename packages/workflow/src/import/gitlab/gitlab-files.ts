import type { DraftValue } from "../draft.ts";
import { at, entriesOf, flagOf, itemsOf, textOf, textsOf, type ForeignTree } from "../tree.ts";
import { slugOf, UniqueNames } from "../unique-names.ts";
import { workspacePath } from "./gitlab-paths.ts";
import type { GitlabContext } from "./gitlab-context.ts";

type Mapping = { [key: string]: DraftValue };

/** `cache`: one, or a list of named ones; undefined where none is left. */
export function gitlabCache(node: ForeignTree, context: GitlabContext): DraftValue | undefined {
  const caches = itemsOf(node).flatMap((item): Mapping[] => {
    const cache = oneCache(item, context);
    return cache === undefined ? [] : [cache];
  });
  const [only] = caches;
  if (only === undefined || caches.length === 1) return only;
  const names = new UniqueNames(60);
  return caches.map((cache) => {
    const { key } = cache;
    const name =
      typeof key === "string" ? key : (textFrom(key, "template") ?? textFrom(key, "prefix") ?? "cache");
    return { name: names.take(slugOf(name, "cache")), ...cache };
  });
}

function textFrom(key: DraftValue | undefined, part: string): string | undefined {
  const value = typeof key === "object" && key !== null && part in key ? (key as Mapping)[part] : undefined;
  return typeof value === "string" ? value : undefined;
}

function oneCache(node: ForeignTree, context: GitlabContext): Mapping | undefined {
  const paths = pathsOf(at(node, "paths"), "cache", context);
  for (const [key, entry] of entriesOf(node))
    if (!["key", "paths", "policy", "when", "fallback_keys"].includes(key))
      context.note(entry, `cache: ${key} was not carried over`);
  if (paths.length === 0) {
    if (entriesOf(node).length > 0)
      context.note(node, "cache: it was left out: none of its paths is in the workspace");
    return undefined;
  }
  const cache: Mapping = { paths, key: keyOf(at(node, "key"), { node, context }) };
  const policy = textOf(at(node, "policy"));
  if (policy !== undefined && ["pull-push", "pull", "push"].includes(policy)) cache["policy"] = policy;
  else if (policy !== undefined)
    context.note(at(node, "policy") ?? node, `cache: policy ${policy} was not carried over`);
  const when = textOf(at(node, "when"));
  if (when !== undefined) cache["when"] = when;
  const fallback = textsOf(at(node, "fallback_keys"));
  if (fallback.length > 0) cache["fallback_keys"] = fallback;
  return cache;
}

function keyOf(
  node: ForeignTree | undefined,
  { node: cache, context }: { readonly node: ForeignTree; readonly context: GitlabContext },
): DraftValue {
  const files = pathsOf(at(node, "files"), "cache key", context);
  const prefix = textOf(at(node, "prefix"));
  for (const [key, entry] of entriesOf(node))
    if (key !== "files" && key !== "prefix") context.note(entry, `cache: key.${key} was not carried over`);
  if (files.length > 0) {
    const named = prefix === undefined ? {} : prefix.includes("$") ? { template: prefix } : { prefix };
    return { ...named, files };
  }
  const text = textOf(node) ?? prefix ?? "default";
  if (text.includes("$")) return { template: text };
  const why = "what is stored under a key stays as it is: derive the key from files to follow them";
  context.note(node ?? cache, `cache: key ${text} is fixed, and ${why}`);
  return text;
}

/** `artifacts`: undefined where nothing of them is left. */
export function gitlabArtifacts(node: ForeignTree, context: GitlabContext): DraftValue | undefined {
  const artifacts: Mapping = {};
  const paths = pathsOf(at(node, "paths"), "artifacts", context);
  const exclude = pathsOf(at(node, "exclude"), "artifacts", context);
  if (paths.length > 0) artifacts["paths"] = paths;
  if (exclude.length > 0) artifacts["exclude"] = exclude;
  const reports: Mapping = {};
  for (const [key, entry] of entriesOf(at(node, "reports"))) {
    const files = key === "junit" || key === "dotenv" ? pathsOf(entry.node, "artifacts", context) : [];
    const [only] = files;
    if (key === "junit" && files.length > 0) reports["junit"] = files;
    else if (key === "dotenv" && only !== undefined && files.length === 1) reports["dotenv"] = only;
    else context.note(entry, `artifacts: reports.${key} was not carried over`);
  }
  if (Object.keys(reports).length > 0) artifacts["reports"] = reports;
  for (const [key, entry] of entriesOf(node)) {
    if (["paths", "exclude", "when", "reports"].includes(key)) continue;
    const why =
      (Object.hasOwn(ARTIFACT_KEYS, key) ? ARTIFACT_KEYS[key] : undefined) ?? "was not carried over";
    if (key !== "untracked" || flagOf(entry.node) !== false) context.note(entry, `artifacts: ${key} ${why}`);
  }
  if (artifacts["paths"] === undefined && artifacts["reports"] === undefined) return undefined;
  const when = textOf(at(node, "when"));
  if (when !== undefined) artifacts["when"] = when;
  return artifacts;
}

const ARTIFACT_KEYS: Readonly<Record<string, string>> = {
  expire_in: "has no meaning here: artifacts stay until loom clean",
  name: "has no meaning here: artifacts are named after their job",
  expose_as: "has no meaning here",
  public: "has no meaning here",
  access: "has no meaning here",
  untracked: "was not carried over: name the files under paths",
};

function pathsOf(node: ForeignTree | undefined, key: string, context: GitlabContext): string[] {
  return itemsOf(node).flatMap((item) => {
    const text = textOf(item) ?? "";
    const path = workspacePath(text, context);
    if (path === undefined)
      context.note(item, `${key}: ${text.slice(0, 200)} was left out: it is no path inside the workspace`);
    return path ?? [];
  });
}
