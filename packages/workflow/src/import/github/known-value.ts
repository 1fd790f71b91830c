import { VARIABLE_NAME } from "../../schema/name-patterns.ts";
import { parseExpression, type Expression } from "./parse-expression.ts";

/** What an expression stands for on this machine. */
export type KnownValue =
  | { readonly kind: "constant"; readonly value: string | number | boolean | null }
  /** A variable, perhaps with a text around it. */
  | {
      readonly kind: "variable";
      readonly name: string;
      readonly before: string;
      readonly after: string;
      /** What it holds where GitHub has a value that is false, such as `false` or `0`. */
      readonly falseTexts?: readonly string[];
      /** What stands there when the variable is empty, as in `matrix.a || 'b'`; only a shell can say that. */
      readonly otherwise?: KnownValue;
    };

/** What an action of the repository is given. */
export interface ActionContext {
  /** The folder of the action, from the root of the repository. */
  readonly folder: string;
  /** Its inputs, as written. */
  readonly inputs: ReadonlyMap<string, string>;
  /** The action that uses it; absent for one that a workflow uses. */
  readonly outer?: ActionContext | undefined;
}

/** What the values of an expression may come from. */
export interface Values {
  /** The variable that holds a value of the matrix; null where no job has one of that name, undefined where that is not known. */
  readonly matrix: (path: string) => string | null | undefined;
  /** The texts of those values of the matrix at a path that are false: `false` and `0`, but not `"false"`. */
  readonly falseTexts?: (path: string) => readonly string[];
  /** The variable that holds an output of a step; undefined where it is not known. Default: none is known. */
  readonly output?: (id: string, name: string) => string | undefined;
  /** Variables of a shell, under names that a variable of a job may not have. Default: none. */
  readonly ofShell?: ReadonlySet<string>;
  /** The action that an expression is written in. Default: none. */
  readonly action?: ActionContext | undefined;
  /** Takes the name of a secret that is used. */
  readonly secret: (name: string) => void;
  /** Takes the name of the variable that stands for one of GitHub's settings (`vars`). */
  readonly setting: (name: string) => void;
}

const constant = (value: string | boolean | null): KnownValue => ({ kind: "constant", value });
const variable = (name: string, before = ""): KnownValue & { readonly kind: "variable" } => ({
  kind: "variable",
  name,
  before,
  after: "",
});

/** GitHub's contexts for a push of the branch that is checked out, on this machine. */
const FACTS: ReadonlyMap<string, KnownValue> = new Map([
  ["github.event_name", constant("push")],
  ["github.ref", variable("CI_COMMIT_BRANCH", "refs/heads/")],
  ["github.ref_name", variable("CI_COMMIT_BRANCH")],
  ["github.ref_type", constant("branch")],
  ["github.head_ref", constant("")],
  ["github.base_ref", constant("")],
  ["github.sha", variable("CI_COMMIT_SHA")],
  ["github.workspace", variable("LOOM_PROJECT_DIR")],
  ["github.run_id", variable("LOOM_RUN_ID")],
  ["github.job", variable("LOOM_JOB_ID")],
  ["runner.os", constant("Linux")],
  ["runner.temp", constant("/tmp")],
]);

/** The value of an expression; undefined for one that is not known here. */
export function knownValue(expression: Expression, values: Values): KnownValue | undefined {
  if (expression.kind === "constant") return expression;
  if (expression.kind === "call") return knownCall(expression.name, expression.args, values);
  if (expression.kind === "or") {
    // `a || b` is how a default is written.
    const [first, ...rest] = expression.terms;
    const known = first === undefined ? undefined : knownValue(first, values);
    const [second, ...others] = rest;
    if (known === undefined || second === undefined || (known.kind === "constant" && isTrue(known.value)))
      return known;
    const otherwise = knownValue(others.length === 0 ? second : { kind: "or", terms: rest }, values);
    if (known.kind === "constant" || otherwise === undefined) return otherwise;
    // A shell asks only whether a variable is empty.
    if (known.falseTexts !== undefined) return undefined;
    return known.before + known.after === "" ? { ...known, otherwise } : undefined;
  }
  if (expression.kind !== "context") return undefined;
  const [context = "", name = "", ...rest] = expression.path;
  switch (context) {
    case "env":
    case "vars": {
      if (context === "env" && values.ofShell?.has(name) === true && rest.length === 0) return variable(name);
      const own = name.toUpperCase();
      if (!VARIABLE_NAME.test(own) || rest.length > 0) return undefined;
      if (context === "vars") values.setting(own);
      return variable(own);
    }
    case "secrets": {
      if (!VARIABLE_NAME.test(name) || rest.length > 0) return undefined;
      values.secret(name);
      return variable(name);
    }
    case "matrix": {
      const path = [name, ...rest].join(".");
      const held = values.matrix(path);
      if (held === undefined) return undefined;
      if (held === null) return constant("");
      const falseTexts = values.falseTexts?.(path) ?? [];
      return { ...variable(held), ...(falseTexts.length > 0 && { falseTexts }) };
    }
    case "inputs": {
      const { action } = values;
      if (action === undefined || rest.length > 0) return undefined;
      return valueOfText(action.inputs.get(name) ?? "", { ...values, action: action.outer });
    }
    case "steps": {
      const held =
        rest[0] === "outputs" && rest.length === 2 ? values.output?.(name, rest[1] ?? "") : undefined;
      return held === undefined ? undefined : variable(held);
    }
    default:
  }
  if (context === "github" && name === "token") {
    values.secret("GITHUB_TOKEN");
    return variable("GITHUB_TOKEN");
  }
  if (context === "github" && name === "action_path" && values.action !== undefined)
    return { ...variable("LOOM_PROJECT_DIR"), after: `/${values.action.folder}` };
  if (context === "github" && name === "event" && rest[0] === "pull_request") return constant(null);
  return FACTS.get(expression.path.join("."));
}

/** The value of a text with at most one expression in it; undefined for another, and for one that is not known here. */
function valueOfText(text: string, values: Values): KnownValue | undefined {
  const [, before = "", inner, after = ""] = /^([^]*?)\$\{\{([^]*?)\}\}([^]*)$/.exec(text) ?? [];
  if (inner === undefined) return constant(text);
  if (after.includes("${{")) return undefined;
  const parsed = parseExpression(inner.trim());
  const value = parsed === undefined ? undefined : knownValue(parsed, values);
  if (value === undefined || before + after === "") return value;
  if (value.kind === "constant") return withText(value, after, before);
  if (value.otherwise !== undefined) return undefined;
  const { falseTexts: _, ...rest } = value;
  return withText(rest, after, before);
}

function knownCall(name: string, args: readonly Expression[], values: Values): KnownValue | undefined {
  if (name !== "format") return undefined;
  const [pattern, ...rest] = args.map((arg) => knownValue(arg, values));
  if (pattern?.kind !== "constant") return undefined;
  let made: KnownValue = constant("");
  let from = 0;
  const format = textOfConstant(pattern.value);
  for (const match of format.matchAll(/\{(\d+)\}/g)) {
    const arg = rest[Number(match[1])];
    const between = format.slice(from, match.index);
    from = match.index + match[0].length;
    if (arg?.kind === "constant") made = withText(made, between + textOfConstant(arg.value));
    // One variable is what can be said.
    else if (arg === undefined || arg.otherwise !== undefined || made.kind !== "constant") return undefined;
    else made = { ...arg, before: textOfConstant(made.value) + between + arg.before };
  }
  const whole = withText(made, format.slice(from));
  // Calls within calls may double a text each time.
  return lengthOf(whole) > MAX_TEXT ? undefined : whole;
}

/** Longest text that is put together. */
const MAX_TEXT = 10_000;

function lengthOf(value: KnownValue): number {
  return value.kind === "constant"
    ? textOfConstant(value.value).length
    : value.before.length + value.after.length;
}

function withText(value: KnownValue, after: string, before = ""): KnownValue {
  return value.kind === "constant"
    ? constant(before + textOfConstant(value.value) + after)
    : { ...value, before: before + value.before, after: value.after + after };
}

/** How GitHub writes a value into a text. */
export function textOfConstant(value: string | number | boolean | null): string {
  return value === null ? "" : String(value);
}

/** What GitHub takes for true. */
export function isTrue(value: string | number | boolean | null): boolean {
  return value !== null && value !== false && value !== 0 && value !== "";
}
