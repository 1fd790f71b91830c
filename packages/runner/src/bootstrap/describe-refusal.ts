import type { WorkflowRule } from "@loom/workflow";
import { variablesOf } from "@loom/workflow/run";

/** What rules were decided by. */
export interface RefusalParts {
  readonly rules: readonly WorkflowRule[];
  /** What conditions see. */
  readonly values: Readonly<Record<string, string>>;
}

/** Of how many variables the values are told. */
const MAX_NAMED = 5;

/** How much of a value is told. Unit: UTF-16 code units. */
const MAX_SHOWN = 60;

/**
 * Why no job of a pipeline runs, as the second half of a sentence.
 *
 * @param rule - The rule that said so; undefined when none applied.
 */
export function describeRefusal(rule: WorkflowRule | undefined, { rules, values }: RefusalParts): string {
  if (rule !== undefined) return `the rule with if: ${rule.if} says when: never`;
  const names = new Set(rules.flatMap(({ condition }) => variablesOf(condition)));
  const seen = [...names].slice(0, MAX_NAMED).map((name) => describeValue(name, values));
  return `no rule of the workflow lets it${seen.length === 0 ? "" : `, as ${seen.join(", ")}`}`;
}

function describeValue(name: string, values: Readonly<Record<string, string>>): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) return `$${name} is not set`;
  const line = value.replaceAll(/\p{Cc}/gu, " ");
  return `$${name} is ${JSON.stringify(line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line)}`;
}
