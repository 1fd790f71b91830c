import { isMapping, type DraftKeys, type DraftStep, type DraftValue } from "../draft.ts";
import { blockOf, draftSteps, isBash, leavesStateBehind, partsToCarry, stepsApart } from "../shell-steps.ts";
import { at, isNothing, itemsOf, textOf, textsOf, type ForeignTree, type TreeMap } from "../tree.ts";
import { exitCodesOf, gitlabAllowFailure } from "./gitlab-failures.ts";
import { gitlabImage, gitlabServices } from "./gitlab-containers.ts";
import { durationText, gitlabSeconds } from "./gitlab-duration.ts";
import { gitlabArtifacts, gitlabCache } from "./gitlab-files.ts";
import { LEFT_OUT } from "./gitlab-keys.ts";
import { gitlabDependencies, gitlabNeeds } from "./gitlab-needs.ts";
import { gitlabRules } from "./gitlab-rules.ts";
import { gitlabVariables } from "./gitlab-variables.ts";
import type { GitlabContext, Names } from "./gitlab-context.ts";
import { matrixRow } from "./matrix-row.ts";
import { onlyExceptRules } from "./only-except.ts";

const WHENS = ["on_success", "on_failure", "always", "manual"];

/** The keys of a job, everything inherited being in it, as a workflow writes them. */
export function gitlabJob(
  job: TreeMap,
  names: Names,
  { sources, ...context }: GitlabContext & { readonly sources?: Map<string, ForeignTree> },
): DraftKeys {
  const keys: DraftKeys = {};
  for (const key of ["stage", "script", "before_script", "after_script"]) {
    const node = at(job, key);
    if (node !== undefined) sources?.set(key, node);
  }
  const stage = at(job, "stage");
  const stageName = stage === undefined ? undefined : names.stage(textOf(stage) ?? "");
  if (stageName !== undefined) keys["stage"] = stageName;
  else if (stage !== undefined) context.note(stage, `stage ${textOf(stage) ?? ""} is not among the stages`);
  Object.assign(keys, scriptsOf(job));
  for (const [key, entry] of job.entries) {
    if (isNothing(entry.node)) continue;
    const reader = Object.hasOwn(READERS, key) ? READERS[key] : undefined;
    const value = reader?.(entry.node, { job, names, context });
    if (value !== undefined)
      for (const [name, each] of Object.entries(value)) {
        keys[name] = each;
        sources?.set(name, entry.node);
      }
    else if (reader === undefined && !HANDLED.has(key)) context.note(entry, leftOut(key));
  }
  if (at(job, "rules") === undefined) {
    const rules = onlyExceptRules({ only: at(job, "only"), except: at(job, "except") }, context);
    const node = at(job, "only") ?? at(job, "except");
    if (node !== undefined) sources?.set("rules", node);
    if (rules !== undefined) keys["rules"] = rules;
  }
  return keys;
}

/** Says that a key has no place in a workflow, and why. */
export function leftOut(key: string): string {
  const why = Object.hasOwn(LEFT_OUT, key) ? LEFT_OUT[key] : undefined;
  return `${key} was not carried over${why === undefined ? "" : `: ${why}`}`;
}

const HANDLED = new Set([
  "stage",
  "trigger",
  "extends",
  "script",
  "before_script",
  "after_script",
  "only",
  "except",
  "inherit",
]);

interface Reading {
  readonly job: TreeMap;
  readonly names: Names;
  readonly context: GitlabContext;
}

type Reader = (node: ForeignTree, reading: Reading) => DraftKeys | undefined;

const NONE: DraftKeys = {};

const READERS: Readonly<Record<string, Reader>> = {
  image: (node, { context }) => keyed("image", gitlabImage(node, context)),
  services: (node, { context }) => keyed("services", gitlabServices(node, context)),
  cache: (node, { context }) => keyed("cache", gitlabCache(node, context)),
  artifacts: (node, { context }) => keyed("artifacts", gitlabArtifacts(node, context)),
  variables: (node, { context }) => keyed("variables", gitlabVariables(node, context)),
  rules: (node, { context }) => {
    const rules = gitlabRules(node, context);
    if (rules === undefined)
      context.note(node, "rules: no rule was left, so the job waits to be asked for: when: manual");
    return rules === undefined ? { when: "manual" } : { rules };
  },
  needs: (node, { job, ...naming }) => gitlabNeeds(node, at(job, "dependencies"), naming),
  dependencies: (node, { job, names, context }) => {
    if (at(job, "needs") !== undefined) return NONE;
    const needs = gitlabDependencies(node, { names, context });
    if (needs.length > 0) return { needs };
    context.note(node, "dependencies: none was not carried over: artifacts of earlier stages are there");
    return NONE;
  },
  parallel: (node, { context }) => matrixOf(node, context),
  allow_failure: (node, { context }) => {
    const allowed = gitlabAllowFailure(node);
    if (allowed === undefined) context.note(node, "allow_failure was not carried over: any failure counts");
    return allowed === undefined ? NONE : { allow_failure: allowed };
  },
  when: (node, { context }) => {
    const when = textOf(node) ?? "";
    if (WHENS.includes(when)) return when === "on_success" ? NONE : { when };
    context.note(
      node,
      when === "delayed" ? "when: delayed starts without a delay here" : `when: ${when} was not carried over`,
    );
    return NONE;
  },
  timeout: (node, { context }) => {
    const seconds = gitlabSeconds(textOf(node) ?? "");
    if (seconds === undefined)
      context.note(node, `timeout ${textOf(node) ?? ""} was not carried over: it is no duration`);
    return seconds === undefined ? NONE : { timeout: durationText(seconds) };
  },
  retry: (node, { context }) => retryOf(node, context),
  tags: (node, { context }) => {
    const [tag, ...others] = textsOf(node);
    if (tag !== undefined && others.length === 0 && /^[a-z][a-z0-9_-]{0,63}$/.test(tag))
      return { runner_pool: tag };
    if (tag !== undefined)
      context.note(node, `tags ${[tag, ...others].join(", ")}: jobs run on this machine`);
    return NONE;
  },
};

function keyed(key: string, value: DraftValue | undefined): DraftKeys {
  if (value === undefined) return NONE;
  const isEmpty =
    (Array.isArray(value) && value.length === 0) || (isMapping(value) && Object.keys(value).length === 0);
  return isEmpty ? NONE : { [key]: value };
}

/** GitLab runs `before_script` and `script` in one shell, and `after_script` in another. */
function scriptsOf(job: TreeMap): DraftKeys {
  const keys: DraftKeys = {};
  const [before, script, after] = ["before_script", "script", "after_script"].map((key) =>
    commandsOf(at(job, key)),
  );
  if (before === undefined || script === undefined || after === undefined) return keys;
  // Here, after_script would get what is carried, too.
  const carried = after.length === 0 ? (partsToCarry([...before, ...script]) ?? []) : [];
  if (carried.length > 0) keys["carry"] = carried;
  const joined = carried.length === 0 && script.length > 0 && leavesStateBehind(before);
  const draft = carried.length > 0 ? stepsApart : draftSteps;
  const parts: Record<string, readonly DraftStep[]> = {
    before_script: joined ? [] : draft(before),
    script: joined ? [blockOf([...before, ...script])] : draft(script),
    after_script: draft(after),
  };
  for (const [key, steps] of Object.entries(parts)) if (steps.length > 0) keys[key] = steps;
  if ([...before, ...script, ...after].some(isBash)) keys["shell"] = "bash";
  return keys;
}

function commandsOf(node: ForeignTree | undefined): readonly string[] {
  return textsOf(node)
    .map((text) => text.replaceAll("\0", ""))
    .filter((text) => text.trim() !== "");
}

function matrixOf(node: ForeignTree, context: GitlabContext): DraftKeys {
  const rows = itemsOf(at(node, "matrix"));
  if (rows.length === 0) {
    context.note(node, `parallel ${textOf(node) ?? ""} was not carried over: the job runs once`);
    return NONE;
  }
  return { matrix: rows.map(matrixRow) };
}

const CAUSES: Readonly<Record<string, string>> = {
  script_failure: "failure",
  job_execution_timeout: "timeout",
  stuck_or_timeout_failure: "timeout",
};

function retryOf(node: ForeignTree, context: GitlabContext): DraftKeys {
  const max = Number(textOf(node) ?? textOf(at(node, "max")) ?? "0");
  if (!Number.isInteger(max) || max < 0 || max > 10) {
    context.note(node, "retry was not carried over: it is no number from 0 to 10");
    return NONE;
  }
  const codes = exitCodesOf(at(node, "exit_codes"));
  const causes = textsOf(at(node, "when"));
  const on = [
    ...new Set(causes.map((cause) => (Object.hasOwn(CAUSES, cause) ? (CAUSES[cause] ?? "") : "provider"))),
  ];
  const isAny = causes.length === 0 || causes.includes("always");
  if (isAny && codes.length === 0) return { retry: max };
  return { retry: { max, ...(!isAny && { on }), ...(codes.length > 0 && { exit_codes: codes }) } };
}
