import { unreachable } from "@loom/core";

/** A parsed condition. Plain data. */
export type Condition =
  | { readonly kind: "and" | "or"; readonly terms: readonly Condition[] }
  | { readonly kind: "not"; readonly term: Condition }
  | { readonly kind: "set"; readonly value: ConditionValue }
  | {
      readonly kind: "equal";
      readonly negated: boolean;
      readonly left: ConditionValue;
      readonly right: ConditionValue;
    }
  | {
      readonly kind: "match";
      readonly negated: boolean;
      readonly left: ConditionValue;
      readonly pattern: string;
      readonly flags: string;
    };

/** What a condition compares. */
export type ConditionValue =
  | { readonly kind: "variable"; readonly name: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "null" };

/** The names of the variables that a condition looks at, in its order; some perhaps more than once. */
export function variablesOf(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case "and":
    case "or":
      return condition.terms.flatMap(variablesOf);
    case "not":
      return variablesOf(condition.term);
    case "set":
      return namesOf(condition.value);
    case "equal":
      return [...namesOf(condition.left), ...namesOf(condition.right)];
    case "match":
      return namesOf(condition.left);
    default:
      return unreachable(condition);
  }
}

function namesOf(value: ConditionValue): string[] {
  return value.kind === "variable" ? [value.name] : [];
}

/** What is wrong in a condition. */
export interface ConditionError {
  /** Counted from 0, in UTF-16 code units of the condition. */
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** The fix, in the imperative. */
  readonly message: string;
}
