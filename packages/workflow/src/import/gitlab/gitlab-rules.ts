import type { DraftValue } from "../draft.ts";
import { at, entriesOf, isNothing, itemsOf, textOf, textsOf, type ForeignTree } from "../tree.ts";
import { gitlabCondition } from "./gitlab-condition.ts";
import { gitlabAllowFailure } from "./gitlab-failures.ts";
import { innerPath } from "./gitlab-paths.ts";
import { gitlabVariables } from "./gitlab-variables.ts";
import type { GitlabContext } from "./gitlab-context.ts";

type Rule = { [key: string]: DraftValue };

const WHENS = ["on_success", "on_failure", "always", "manual", "never"];

/** `rules` of a job; undefined where none can be said. */
export function gitlabRules(node: ForeignTree, context: GitlabContext): readonly Rule[] | undefined {
  const rules: Rule[] = [];
  const items = itemsOf(node);
  for (const [index, item] of items.entries()) {
    const rule = ruleOf(item, context);
    if (rule === undefined) continue;
    rules.push(rule);
    if ("if" in rule || "changes" in rule || "exists" in rule) continue;
    noteUnreached(items.slice(index + 1), "rules", context);
    break;
  }
  return rules.length === 0 ? undefined : rules;
}

/** Names rules that stand behind one that always applies. */
function noteUnreached(items: readonly ForeignTree[], key: string, context: GitlabContext): void {
  for (const item of items)
    context.note(item, `${key}: this rule was left out: one before it always applies`);
}

const KNOWN = new Set(["if", "changes", "exists", "when", "allow_failure", "variables", "start_in"]);

function ruleOf(item: ForeignTree, context: GitlabContext): Rule | undefined {
  const note = (message: string, key = ""): void => {
    context.note(at(item, key) ?? item, `rules: ${message}`);
  };
  if (item.kind !== "map") {
    note("this is no rule");
    return undefined;
  }
  const rule: Rule = {};
  const condition = at(item, "if");
  if (condition !== undefined) {
    const text = textOf(condition) ?? "";
    const written = gitlabCondition(text, context.valueOf);
    if (!written.ok) {
      context.note(condition, `rules: the rule with ${text} was left out: ${written.error}`);
      return undefined;
    }
    rule["if"] = written.value;
  }
  for (const key of ["changes", "exists"] as const) {
    const value = at(item, key);
    if (value === undefined) continue;
    for (const [inner, entry] of entriesOf(value))
      if (inner !== "paths") context.note(entry, `rules: ${key}.${inner} was not carried over`);
    const paths = textsOf(value.kind === "map" ? at(value, "paths") : value).flatMap(
      (path) => innerPath(path, context) ?? [],
    );
    if (paths.length > 0) rule[key] = paths;
    else if (itemsOf(value).length > 0) {
      note(`a rule was left out: none of its paths under ${key} is one of the repository`, key);
      return undefined;
    }
  }
  const when = textOf(at(item, "when"));
  if (when === "delayed") note("when: delayed starts without a delay here", "when");
  else if (when !== undefined && WHENS.includes(when)) rule["when"] = when;
  const allowed = at(item, "allow_failure");
  const failures = allowed === undefined ? undefined : gitlabAllowFailure(allowed);
  if (failures !== undefined) rule["allow_failure"] = failures;
  else if (allowed !== undefined) note("allow_failure was not carried over", "allow_failure");
  const variables = at(item, "variables");
  if (variables !== undefined) rule["variables"] = gitlabVariables(variables, context);
  for (const [key, entry] of item.entries)
    if (!KNOWN.has(key) && !isNothing(entry.node)) context.note(entry, `rules: ${key} was not carried over`);
  return Object.keys(rule).length === 0 ? { when: context.when } : rule;
}

/** `workflow.rules`: only conditions decide there. */
export function gitlabPipelineRules(
  node: ForeignTree | undefined,
  context: GitlabContext,
): { if: string; when?: "always" | "never" }[] {
  const rules: { if: string; when?: "always" | "never" }[] = [];
  for (const [key, entry] of entriesOf(node))
    if (key !== "rules") context.note(entry, `workflow: ${key} has no meaning here`);
  const items = itemsOf(at(node, "rules"));
  for (const [index, item] of items.entries()) {
    const rule = ruleOf(item, context);
    if (rule === undefined) continue;
    const extra = Object.keys(rule).filter((key) => key !== "if" && key !== "when");
    for (const key of extra)
      context.note(at(item, key) ?? item, `workflow.rules: ${key} was not carried over`);
    if (extra.includes("changes") || extra.includes("exists")) continue;
    const condition = rule["if"];
    rules.push({
      if: typeof condition === "string" ? condition : '"always"',
      ...(rule["when"] === "never" && { when: "never" as const }),
    });
    if (typeof condition === "string") continue;
    noteUnreached(items.slice(index + 1), "workflow.rules", context);
    break;
  }
  return rules;
}
