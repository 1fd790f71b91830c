import { jobKeySchemas } from "../schema/job-keys.ts";
import { schemaOf, type LazySchemas } from "../schema/lazy-schemas.ts";
import { JOB_NAME, NOT_IN_DEFAULT } from "../schema/name-patterns.ts";
import { nearestName } from "../schema/nearest-name.ts";
import { quoteName } from "../schema/quote-name.ts";
import { unknownKeyFix } from "../schema/schema-fix.ts";
import { missingFix } from "../schema/schema-problems.ts";
import { INCLUDED_ROOT_KEYS, ROOT_KEYS, rootKeySchemas } from "../schema/workflow-schema.ts";
import { keyRange, problemAt, problemAtKey, problemAtNode } from "../source/problem-at.ts";
import { isNull, isUnread, mergesAliases, type SourceMap, type SourceNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import { judgeValue, type Judgement } from "./judge-value.ts";
import { isRootKey, misplacedFix, mistypedRootFix } from "./root-entries.ts";

/** What to do about a job that is no mapping. */
export const JOB_FIX = "make this job a mapping";

/** Where the findings go. */
export interface FileJudge {
  readonly problems: WorkflowProblem[];
  /** Values below a job key that inheritance cannot change are entered here. */
  readonly judgements: Map<SourceNode, Judgement>;
}

/** Judges one file as it is written: what may be inherited may be missing, and null may stand for its removal. */
export function judgeFile(root: SourceMap, isMain: boolean, judge: FileJudge): void {
  const { problems } = judge;
  const roots = rootKeySchemas();
  for (const key of isMain ? (["version", "stages"] as const) : []) {
    const message = root.entries.has(key) ? undefined : missingFix(roots[key]());
    const place = { path: `/${key}`, message: message ?? "" };
    if (message !== undefined) problems.push(problemAt("WF_SCHEMA_V1", keyRange(root), place));
  }
  for (const [key, { node }] of root.entries) {
    if (!isMain && isRootKey(key) && !(INCLUDED_ROOT_KEYS as readonly string[]).includes(key)) {
      const allowed = INCLUDED_ROOT_KEYS.join(", ");
      problems.push(problemAtKey(node, `move ${key} to the main file: included files hold jobs, ${allowed}`));
      continue;
    }
    const schema = schemaOf(roots, key);
    if (schema !== undefined) judgeValue(node, { schema, dropNulls: false }, problems);
    else if (key === "default") judgeDefault(node, judge);
    else {
      const fix = misplacedFix(root, key);
      if (fix === undefined) judgeJob(key, node, judge);
      else problems.push(problemAtKey(node, fix));
    }
  }
}

function judgeDefault(node: SourceNode, judge: FileJudge): void {
  if (isNull(node) || isUnread(node)) return;
  if (node.kind !== "map") judge.problems.push(problemAtNode(node, "make default a mapping of job keys"));
  else judgeKeys(node, { whose: "default", keys: defaultKeys() }, judge);
}

function judgeJob(name: string, node: SourceNode, judge: FileJudge): void {
  const { problems } = judge;
  if (!JOB_NAME.test(name)) problems.push(problemAtKey(node, jobNameFix(name, node.parent)));
  const mistyped = node.kind === "map" && JOB_NAME.test(name) ? mistypedRootFix(name, node) : undefined;
  if (mistyped !== undefined) problems.push(problemAtKey(node, mistyped));
  else if (node.kind === "map") judgeKeys(node, { whose: "job", keys: jobKeySchemas("fragment") }, judge);
  else if (JOB_NAME.test(name) && !isNull(node) && !isUnread(node)) {
    const near = nearestName(name, ROOT_KEYS);
    const message = near === undefined ? JOB_FIX : `rename ${name} to ${near}, or ${JOB_FIX}`;
    problems.push(problemAtNode(node, message));
  }
}

function jobNameFix(name: string, root: SourceNode | undefined): string {
  const rule = "a lower-case letter, then a-z, 0-9, _ or -, at most 64 characters";
  if (/^(?:null|true|false)$/.test(name)) return `rename job ${name}: YAML takes this word for a value`;
  const near = nearestName(name, ROOT_KEYS);
  if (near !== undefined) return `rename ${quoteName(name)} to ${near}; the name of a job is ${rule}`;
  const own = name.toLowerCase().replaceAll(/[^a-z0-9_]+/g, "-");
  const free = own.replace(/^-+/, name.startsWith(".") ? "." : "").replace(/-+$/, "");
  const isFree = JOB_NAME.test(free) && !(root?.kind === "map" && root.entries.has(free));
  if (!isFree || !/^[\x20-\x7e]+$/.test(name)) return `rename job ${quoteName(name)}: use ${rule}`;
  return `rename job ${quoteName(name)} to ${free}, here and in every needs and extends`;
}

function judgeKeys(
  map: SourceMap,
  { whose, keys }: { readonly whose: string; readonly keys: LazySchemas<string> },
  { problems, judgements }: FileJudge,
): void {
  for (const [key, { node }] of map.entries) {
    const schema = schemaOf(keys, key);
    if (key === "<<" && mergesAliases(map)) continue;
    if (schema === undefined) {
      problems.push(problemAtKey(node, unknownKeyFix(whose, Object.keys(keys), key)));
      continue;
    }
    const judgement = judgeValue(node, { schema, dropNulls: false }, problems);
    // Only mappings are merged, and only in them null and what is missing mean something else later on.
    if (node.kind !== "map") judgements.set(node, judgement);
  }
}

function defaultKeys(): LazySchemas<string> {
  const keys = Object.entries(jobKeySchemas("fragment"));
  return Object.fromEntries(keys.filter(([key]) => !(NOT_IN_DEFAULT as readonly string[]).includes(key)));
}
