import { relative } from "node:path";
import {
  jobId,
  type GraphIr,
  type GraphNode,
  type GraphRule,
  type GraphVariable,
  type JobId,
  type WithheldReason,
} from "@loom/core";
import { globMatcher, selectFiles } from "@loom/cache";
import { decideJobRules } from "@loom/workflow";
import type { ChangedFiles } from "./changed-files.ts";

/** What the rules of jobs made of a graph. */
export interface RuledGraph {
  /** Each job as the rule that applies has it. */
  readonly graph: GraphIr;
  /** The jobs of which no rule applies, or one that says never. */
  readonly withheld: ReadonlyMap<JobId, WithheldReason>;
}

/** What rules are judged by. */
export interface JobRuleParts {
  /** Absolute path of the project as jobs will find it. */
  readonly projectDir: string;
  /** Path of the project in its repository; empty for most. */
  readonly below: string;
  readonly changed: ChangedFiles;
  /** The variables that conditions see, expanded. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Decides by the rules of each job whether it takes place, and how. */
export function applyJobRules(graph: GraphIr, parts: JobRuleParts): RuledGraph {
  const withheld = new Map<JobId, WithheldReason>();
  const facts = {
    variables: parts.variables,
    changed: remembering((globs) => hasChanged(globs, parts)),
    exists: remembering((globs) => selectFiles(parts.projectDir, globs).length > 0),
  };
  const nodes = graph.nodes.map((node) => {
    if (node.rules === undefined) return node;
    const rule = decideJobRules(node.rules, facts);
    if (rule === undefined || rule.when === "never") withheld.set(jobId(node.id), "condition_not_met");
    return rule === undefined ? node : withRule(node, rule);
  });
  return { graph: { ...graph, nodes }, withheld };
}

function withRule(node: GraphNode, { when, variables = [], allow_failure: mayFail }: GraphRule): GraphNode {
  const { when: _own, allow_failure: _mayFail, ...rest } = node;
  const effective = when === undefined || when === "never" ? node.when : when;
  const tolerated = mayFail ?? node.allow_failure;
  return {
    ...rest,
    ...(variables.length > 0 && { variables: above(node.variables ?? [], variables) }),
    ...(tolerated !== undefined && tolerated !== false && { allow_failure: tolerated }),
    ...(effective !== undefined && effective !== "on_success" && { when: effective }),
  };
}

/** Variables in order of their keys, as the graph has them. */
function above(weak: readonly GraphVariable[], strong: readonly GraphVariable[]): readonly GraphVariable[] {
  const all = new Map([...weak, ...strong].map(({ key, value }) => [key, value]));
  return [...all].map(([key, value]) => ({ key, value })).sort((a, b) => (a.key < b.key ? -1 : 1));
}

function hasChanged(globs: readonly string[], { changed: { paths }, below }: JobRuleParts): boolean {
  if (paths === undefined) return true;
  const matches = globMatcher(globs);
  return paths.some((path) => matches(below === "" ? path : relative(below, path)));
}

function remembering(ask: (globs: readonly string[]) => boolean): (globs: readonly string[]) => boolean {
  const known = new Map<string, boolean>();
  return (globs) => {
    const key = JSON.stringify(globs);
    const answer = known.get(key) ?? ask(globs);
    known.set(key, answer);
    return answer;
  };
}
