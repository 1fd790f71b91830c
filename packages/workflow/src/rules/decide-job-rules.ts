import type { GraphRule } from "@loom/core";
import { holds } from "./decide-rules.ts";
import { parseCondition } from "./parse-condition.ts";

/** What rules of jobs are judged by. */
export interface JobRuleFacts {
  /** Everything a condition can see, already expanded. */
  readonly variables: { readonly [name: string]: string };
  /** Whether one of some globs matches a file that has changed. */
  readonly changed: (globs: readonly string[]) => boolean;
  /** Whether one of some globs matches a file of the project. */
  readonly exists: (globs: readonly string[]) => boolean;
}

/**
 * Decides which rule of a job applies: the first of which everything holds that it asks for.
 *
 * @returns `undefined` when none does; then the job does not take place.
 */
export function decideJobRules(rules: readonly GraphRule[], facts: JobRuleFacts): GraphRule | undefined {
  return rules.find(
    (rule) =>
      (rule.if === undefined || conditionHolds(rule.if, facts.variables)) &&
      (rule.changes === undefined || facts.changed(rule.changes)) &&
      (rule.exists === undefined || facts.exists(rule.exists)),
  );
}

/** Whether a condition holds as it is written. One that cannot be read does not hold: the graph was not compiled here. */
export function conditionHolds(text: string, variables: JobRuleFacts["variables"]): boolean {
  const condition = parseCondition(text);
  return condition.ok && holds(condition.value, variables);
}
