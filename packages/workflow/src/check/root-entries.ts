import { foreignKeyFix } from "../schema/foreign-keys.ts";
import { jobKeySchemas } from "../schema/job-keys.ts";
import { isTemplate, JOB_NAME, NOT_IN_DEFAULT } from "../schema/name-patterns.ts";
import { nearestName } from "../schema/nearest-name.ts";
import { INCLUDED_ROOT_KEYS, ROOT_KEYS } from "../schema/workflow-schema.ts";
import { keyRange } from "../source/problem-at.ts";
import { lineIndexAt } from "../source/source-file.ts";
import { isNull, type SourceMap, type SourceNode } from "../source/source-node.ts";

/** Whether a root key names a job, as far as its form and its value go. */
export function isJobEntry(root: SourceMap, key: string): boolean {
  return !isRootKey(key) && JOB_NAME.test(key) && misplacedFix(root, key) === undefined;
}

/** Whether the root of a workflow, or of an included file, gives a key a meaning of its own. */
export function isRootKey(key: string): boolean {
  return (ROOT_KEYS as readonly string[]).includes(key);
}

/**
 * What to do about a root key that another tool has, or that belongs into a job
 * or into `default`; undefined for every other one.
 */
export function misplacedFix(root: SourceMap, key: string): string | undefined {
  const node = root.entries.get(key)?.node;
  if (node === undefined || isRootKey(key) || looksLikeJob(node)) return undefined;
  const foreign = foreignKeyFix("root", key, INCLUDED_ROOT_KEYS);
  if (foreign !== undefined) return foreign;
  if (!Object.hasOwn(jobKeySchemas("fragment"), key)) return undefined;
  const owner = ownerOf(root, key);
  if (owner !== undefined) return `indent ${key} by ${indentIn(root, owner)}: it belongs to ${owner}`;
  if ((NOT_IN_DEFAULT as readonly string[]).includes(key)) return `move ${key} into the job it is for`;
  return `move ${key} into default: settings of every job stand there`;
}

/** Whether a key of a job stands at the root below it; without `key`, whether any does. */
export function isDedented(root: SourceNode | undefined, job: string, key?: string): boolean {
  if (root?.kind !== "map") return false;
  return (key === undefined ? DEDENTED : [key]).some((name) => ownerOf(root, name) === job);
}

/** What to do about a root key that is a mistyped one of those with a meaning, and nothing like a job. */
export function mistypedRootFix(key: string, node: SourceMap): string | undefined {
  const keys = jobKeySchemas("fragment");
  if (isTemplate(key) || [...node.entries.keys()].some((name) => Object.hasOwn(keys, name))) return undefined;
  const near = nearestName(key, ROOT_KEYS);
  return near === undefined ? undefined : `rename ${key} to ${near}, or make it a job: add stage and script`;
}

/** The keys that stand in a job alone, and that a wrong indent brings to the root. */
const DEDENTED = ["stage", "extends", "needs", "script"] as const;

const owners = new WeakMap<SourceMap, ReadonlyMap<string, string>>();

/** The job right above a key that only jobs have, unless it has that key itself. */
function ownerOf(root: SourceMap, key: string): string | undefined {
  const known = owners.get(root) ?? findOwners(root);
  owners.set(root, known);
  return known.get(key);
}

function findOwners(root: SourceMap): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  if (!DEDENTED.some((key) => root.entries.has(key))) return found;
  let owner: { readonly name: string; readonly node: SourceNode } | undefined;
  for (const [name, { node }] of root.entries) {
    if (isRootKey(name)) owner = undefined;
    else if (!(DEDENTED as readonly string[]).includes(name) || looksLikeJob(node)) owner = { name, node };
    else if (owner !== undefined && misses(owner.node, name)) found.set(name, owner.name);
  }
  return found;
}

function misses(job: SourceNode, key: string): boolean {
  return job.kind === "map" ? !job.entries.has(key) : isNull(job);
}

/** How far the other keys of a job are indented. Unit: characters. */
function indentIn(root: SourceMap, job: string): number {
  const node = root.entries.get(job)?.node;
  if (node?.kind !== "map") return 2;
  const [first] = node.entries.values();
  if (first === undefined) return 2;
  const { start } = keyRange(first.node);
  const { file } = node;
  return Math.max(1, start - (file.lineStarts[lineIndexAt(file, start)] ?? 0));
}

/** Whether a value has what makes a job, or at least nothing that no job has. */
function looksLikeJob(node: SourceNode): boolean {
  if (node.kind !== "map") return false;
  if (["stage", "script", "extends"].some((key) => node.entries.has(key))) return true;
  const keys = jobKeySchemas("fragment");
  return [...node.entries.keys()].every((key) => Object.hasOwn(keys, key));
}
