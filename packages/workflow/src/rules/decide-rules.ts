import { unreachable } from "@loom/core";
import { matchesLinearly } from "./linear-pattern.ts";
import type { Condition, ConditionValue } from "./condition.ts";

/** One entry of `workflow.rules`. */
export interface WorkflowRule {
  /** The condition as written. */
  readonly if: string;
  readonly condition: Condition;
  /** Whether the pipeline runs when the condition holds. */
  readonly when: "always" | "never";
}

/** Whether the pipeline runs, and which rule said so. */
export interface RuleDecision {
  readonly runs: boolean;
  /** The first rule whose condition holds. Absent: none does, or there are no rules. */
  readonly rule?: WorkflowRule;
}

/**
 * Decides whether the pipeline runs.
 *
 * The first rule whose condition holds decides. With rules of which none holds
 * it does not run; without any rules it does.
 *
 * @param rules - Undefined when the workflow has no `workflow.rules`.
 * @param variables - Everything a condition can see, already expanded.
 */
export function decideRules(
  rules: readonly WorkflowRule[] | undefined,
  variables: { readonly [name: string]: string },
): RuleDecision {
  if (rules === undefined) return { runs: true };
  const rule = rules.find(({ condition }) => holds(condition, variables));
  return rule === undefined ? { runs: false } : { runs: rule.when === "always", rule };
}

type Values = { readonly [name: string]: string };

/** Whether a condition holds. */
export function holds(condition: Condition, variables: Values): boolean {
  switch (condition.kind) {
    case "and":
      return condition.terms.every((term) => holds(term, variables));
    case "or":
      return condition.terms.some((term) => holds(term, variables));
    case "not":
      return !holds(condition.term, variables);
    case "set":
      return (valueOf(condition.value, variables) ?? "") !== "";
    case "equal":
      return (
        (valueOf(condition.left, variables) === valueOf(condition.right, variables)) !== condition.negated
      );
    case "match": {
      const value = valueOf(condition.left, variables);
      const matches = value !== undefined && matchesLinearly(condition.pattern, condition.flags, value);
      return matches !== condition.negated;
    }
    default:
      return unreachable(condition);
  }
}

/** The text of a value; undefined for null and for a variable that is not set. */
function valueOf(value: ConditionValue, variables: Values): string | undefined {
  switch (value.kind) {
    case "variable":
      return Object.hasOwn(variables, value.name) ? variables[value.name] : undefined;
    case "text":
      return value.text;
    case "null":
      return undefined;
    default:
      return unreachable(value);
  }
}
