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

/** What is wrong in a condition. */
export interface ConditionError {
  /** Counted from 0, in UTF-16 code units of the condition. */
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** The fix, in the imperative. */
  readonly message: string;
}
