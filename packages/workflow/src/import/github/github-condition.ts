import { isTrue, knownValue, textOfConstant, type KnownValue, type Values } from "./known-value.ts";
import { parseExpression, type Expression } from "./parse-expression.ts";

/** A condition of GitHub, as far as this machine can decide it. */
export interface GithubCondition {
  /** What it says of the jobs or steps before: `always` in spite of a failure, `failure` only after one. */
  readonly status: "success" | "failure" | "always";
  /** What else it asks. */
  readonly test: Test;
}

/** What a condition asks of variables. */
export type Test =
  | { readonly kind: "constant"; readonly value: boolean }
  | { readonly kind: "not"; readonly term: Test }
  | { readonly kind: "and" | "or"; readonly terms: readonly Test[] }
  | { readonly kind: "set"; readonly name: string }
  | { readonly kind: "equal"; readonly name: string; readonly text: string }
  | {
      readonly kind: "part";
      readonly name: string;
      readonly text: string;
      readonly where: "start" | "end" | "any";
    };

/** Reads an `if`; undefined for what cannot be decided here. */
export function githubCondition(text: string, values: Values): GithubCondition | undefined {
  const inner = /^\s*\$\{\{([\s\S]*)\}\}\s*$/.exec(text)?.[1] ?? text;
  if (inner.includes("${{")) return undefined;
  const parsed = parseExpression(inner);
  if (parsed === undefined) return undefined;
  let status: GithubCondition["status"] = "success";
  let isSuccess = false;
  let isKnown = true;
  const tests: Test[] = [];
  for (const term of termsOf(parsed)) {
    const said = statusOf(term);
    if (said !== undefined) {
      isSuccess ||= said === "success";
      status = said;
      continue;
    }
    const test = testOf(term, values);
    if (test === undefined) isKnown = false;
    else tests.push(test);
  }
  // One that does not hold decides the whole.
  if (!isKnown && !tests.some((test) => test.kind === "constant" && !test.value)) return undefined;
  return { status: isSuccess ? "success" : status, test: combined("and", tests) };
}

function termsOf(expression: Expression): readonly Expression[] {
  return expression.kind === "and" ? expression.terms.flatMap(termsOf) : [expression];
}

function statusOf(term: Expression): GithubCondition["status"] | undefined {
  const isCall = (each: Expression, name: string): boolean => each.kind === "call" && each.name === name;
  if (isCall(term, "always")) return "always";
  if (isCall(term, "success")) return "success";
  if (isCall(term, "failure")) return "failure";
  if (term.kind === "not" && isCall(term.term, "failure")) return "success";
  if (term.kind === "not" && isCall(term.term, "cancelled")) return "always";
  if (term.kind !== "or") return undefined;
  const names = ["success", "failure", "cancelled", "always"];
  const isStatus = term.terms.every((each) => names.some((name) => isCall(each, name)));
  if (!isStatus) return undefined;
  return term.terms.some((each) => isCall(each, "success") || isCall(each, "always")) ? "always" : "failure";
}

function testOf(expression: Expression, values: Values): Test | undefined {
  switch (expression.kind) {
    case "not": {
      const term = testOf(expression.term, values);
      return term === undefined ? undefined : negated(term);
    }
    case "and":
    case "or": {
      const terms = expression.terms.map((term) => testOf(term, values));
      const known = terms.flatMap((term) => term ?? []);
      // One that is decided may decide the whole.
      const decides = known.find(
        (term) => term.kind === "constant" && term.value === (expression.kind === "or"),
      );
      if (decides !== undefined) return decides;
      return known.length === terms.length ? combined(expression.kind, known) : undefined;
    }
    case "compare":
      return compared(expression, values);
    case "call":
      return partOf(expression.name, expression.args, values) ?? setOf(knownValue(expression, values));
    case "constant":
    case "context":
      return setOf(knownValue(expression, values));
    default:
      return expression satisfies never;
  }
}

function setOf(value: KnownValue | undefined): Test | undefined {
  if (value === undefined) return undefined;
  if (value.kind === "constant") return { kind: "constant", value: isTrue(value.value) };
  if (value.otherwise !== undefined) return undefined;
  if (value.before + value.after !== "") return { kind: "constant", value: true };
  const set: Test = { kind: "set", name: value.name };
  const falses = (value.falseTexts ?? []).map((text) => negated({ kind: "equal", name: value.name, text }));
  return combined("and", [set, ...falses]);
}

function negated(term: Test): Test {
  if (term.kind === "not") return term.term;
  return term.kind === "constant" ? { kind: "constant", value: !term.value } : { kind: "not", term };
}

function combined(kind: "and" | "or", terms: readonly Test[]): Test {
  const open = terms.filter((term) => term.kind !== "constant");
  const decided = terms.find((term) => term.kind === "constant" && term.value === (kind === "or"));
  if (decided !== undefined) return decided;
  const [only] = open;
  if (only === undefined) return { kind: "constant", value: kind === "and" };
  return open.length === 1 ? only : { kind, terms: open };
}

function compared(
  { operator, left, right }: Extract<Expression, { readonly kind: "compare" }>,
  values: Values,
): Test | undefined {
  if (operator !== "==" && operator !== "!=") return undefined;
  const [a, b] = [knownValue(left, values), knownValue(right, values)];
  if (a === undefined || b === undefined) return undefined;
  const equal = equalTest(a, b);
  if (equal === undefined) return undefined;
  return operator === "==" ? equal : negated(equal);
}

function equalTest(a: KnownValue, b: KnownValue): Test | undefined {
  if (a.kind === "constant" && b.kind === "constant") {
    const [left, right] = [textOfConstant(a.value), textOfConstant(b.value)];
    return { kind: "constant", value: left.toLowerCase() === right.toLowerCase() };
  }
  if (a.kind === "constant") return b.kind === "constant" ? undefined : equalTest(b, a);
  if (b.kind !== "constant" || a.after !== "" || a.otherwise !== undefined) return undefined;
  const text = textOfConstant(b.value);
  if (!text.startsWith(a.before)) return { kind: "constant", value: false };
  const rest = text.slice(a.before.length);
  return rest === ""
    ? { kind: "not", term: { kind: "set", name: a.name } }
    : { kind: "equal", name: a.name, text: rest };
}

const PARTS = new Map([
  ["startswith", "start"],
  ["endswith", "end"],
  ["contains", "any"],
] as const);

function partOf(call: string, args: readonly Expression[], values: Values): Test | undefined {
  const where = (PARTS as ReadonlyMap<string, "start" | "end" | "any">).get(call);
  const [whole, part] = args.map((arg) => knownValue(arg, values));
  if (where === undefined || whole === undefined || part?.kind !== "constant") return undefined;
  const text = textOfConstant(part.value);
  if (whole.kind === "constant") {
    const held = textOfConstant(whole.value).toLowerCase();
    const sought = text.toLowerCase();
    const value =
      where === "start"
        ? held.startsWith(sought)
        : where === "end"
          ? held.endsWith(sought)
          : held.includes(sought);
    return { kind: "constant", value };
  }
  if (whole.after !== "" || whole.otherwise !== undefined) return undefined;
  if (whole.before === "") return { kind: "part", name: whole.name, text, where };
  if (where === "end") return undefined;
  if (where === "any") return { kind: "part", name: whole.name, text: text.replace(whole.before, ""), where };
  if (whole.before.startsWith(text)) return { kind: "constant", value: true };
  if (!text.startsWith(whole.before)) return { kind: "constant", value: false };
  return { kind: "part", name: whole.name, text: text.slice(whole.before.length), where };
}

/** The variables that a test asks for. */
export function testedNames(test: Test): readonly string[] {
  switch (test.kind) {
    case "constant":
      return [];
    case "not":
      return testedNames(test.term);
    case "and":
    case "or":
      return test.terms.flatMap(testedNames);
    case "set":
    case "equal":
    case "part":
      return [test.name];
    default:
      return test satisfies never;
  }
}

/** A test as a condition of a workflow. */
export function testAsCondition(test: Test): string {
  switch (test.kind) {
    case "constant":
      return test.value ? '"yes"' : '!"yes"';
    case "not":
      return `!(${testAsCondition(test.term)})`;
    case "and":
    case "or":
      return test.terms
        .map((term) => grouped(term, testAsCondition))
        .join(test.kind === "and" ? " && " : " || ");
    case "set":
      return `$${test.name}`;
    case "equal":
      return `$${test.name} == "${test.text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
    case "part": {
      const text = test.text.replaceAll(/[/\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
      return `$${test.name} =~ /${test.where === "start" ? "^" : ""}${text}${test.where === "end" ? "$" : ""}/`;
    }
    default:
      return test satisfies never;
  }
}

function grouped(term: Test, say: (test: Test) => string): string {
  return term.kind === "and" || term.kind === "or" ? `(${say(term)})` : say(term);
}

/** A test as a command of bash. */
export function testAsCommand(test: Test): string {
  switch (test.kind) {
    case "constant":
      return test.value ? "true" : "false";
    case "not":
      return `! ${groupedCommand(test.term)}`;
    case "and":
    case "or":
      return test.terms.map(groupedCommand).join(test.kind === "and" ? " && " : " || ");
    case "set":
      return `[[ -n $${test.name} ]]`;
    case "equal":
      return `[[ $${test.name} == ${singleQuoted(test.text)} ]]`;
    case "part": {
      const text = singleQuoted(test.text);
      return `[[ $${test.name} == ${test.where === "start" ? "" : "*"}${text}${test.where === "end" ? "" : "*"} ]]`;
    }
    default:
      return test satisfies never;
  }
}

function groupedCommand(term: Test): string {
  return term.kind === "and" || term.kind === "or" ? `{ ${testAsCommand(term)}; }` : testAsCommand(term);
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
