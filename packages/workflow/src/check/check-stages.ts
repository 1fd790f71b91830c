import { ownNameOf } from "../schema/foreign-keys.ts";
import { jobKeySchemas } from "../schema/job-keys.ts";
import { nameSuggester } from "../schema/name-suggester.ts";
import { nearestName } from "../schema/nearest-name.ts";
import { quoteName } from "../schema/quote-name.ts";
import { ROOT_KEYS } from "../schema/workflow-schema.ts";
import { keyRange, problemAt, problemAtNode } from "../source/problem-at.ts";
import {
  escapePointer,
  isNull,
  mergesAliases,
  pointerOf,
  type SourceMap,
  type SourceNode,
} from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";
import type { CompleteJob } from "./complete-jobs.ts";
import { isDedented } from "./root-entries.ts";

/**
 * The stages of a workflow, each with its place in the execution order.
 * Problems: duplicates.
 *
 * @returns Undefined when there is none, which the schema reports.
 */
export function readStages(
  list: SourceNode | undefined,
  problems: WorkflowProblem[],
): ReadonlyMap<string, number> | undefined {
  if (list?.kind !== "list") return undefined;
  const stages = new Map<string, number>();
  for (const item of list.items) {
    if (item.kind !== "scalar" || typeof item.value !== "string") continue;
    if (stages.has(item.value)) {
      problems.push(problemAtNode(item, `remove the duplicate stage ${quoteName(item.value)}`));
    } else stages.set(item.value, stages.size);
  }
  return stages.size === 0 ? undefined : stages;
}

/** Checks that every job that runs has a script and a declared stage. */
export function checkRunnable(
  jobs: readonly CompleteJob[],
  stages: ReadonlyMap<string, number> | undefined,
  problems: WorkflowProblem[],
): void {
  const suggest = nameSuggester(stages === undefined ? [] : [...stages.keys()]);
  for (const { name, source, definition } of jobs) {
    const missing = (key: string, what: string): void => {
      const node = source.entries.get(key)?.node;
      if (node !== undefined && !isNull(node)) return;
      if (isDedented(source.parent, name, key) || isMeant(source, key)) return;
      const path = pointerOf(source) + escapePointer(key);
      problems.push(
        problemAt("WF_SCHEMA_V1", keyRange(source), { path, message: `add ${key} to ${name}: ${what}` }),
      );
    };
    const rootKey = mistypedRootKey(name, source);
    if (rootKey !== undefined) {
      const message = `rename ${name} to ${rootKey}, or make it a job: add stage and script`;
      problems.push(problemAt("WF_SCHEMA_V1", keyRange(source), { path: pointerOf(source), message }));
      continue;
    }
    if (mergesAliases(source)) continue;
    missing("stage", stages === undefined ? "one of the names in stages" : oneOf(stages));
    missing("script", "a list of commands");
    const stage = source.entries.get("stage")?.node;
    if (stages === undefined || stage === undefined || definition.stage === undefined) continue;
    if (stages.has(definition.stage)) continue;
    const choice = suggest(definition.stage) ?? oneOf(stages);
    problems.push(
      problemAtNode(stage, `set stage to ${choice}, or add ${quoteName(definition.stage)} to stages`),
    );
  }
}

/** How many keys of a job are asked whether they are a mistyped other one. */
const MAX_ASKED = 50;

/** Whether a job has a key under a mistyped name, or that of another tool, which is reported there. */
function isMeant({ entries }: SourceMap, key: string): boolean {
  const known = Object.keys(jobKeySchemas("fragment"));
  return [...entries.keys()]
    .slice(0, MAX_ASKED)
    .some((name) => !known.includes(name) && (ownNameOf(name) ?? nearestName(name, known)) === key);
}

/** The root key that a job without stage and script most likely stands for. */
function mistypedRootKey(name: string, { entries }: SourceMap): string | undefined {
  return entries.has("stage") || entries.has("script") ? undefined : nearestName(name, ROOT_KEYS);
}

/** The names to choose from, at most eight of them. */
function oneOf(stages: ReadonlyMap<string, number>): string {
  const names = [...stages.keys()].slice(0, 8);
  if (stages.size === 1) return names[0] ?? "";
  return `one of ${names.join(", ")}${stages.size > names.length ? ", …" : ""}`;
}
