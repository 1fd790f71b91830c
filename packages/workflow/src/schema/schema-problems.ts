import type * as z from "zod/mini";
import { foreignKeyFix, ONLY_LOCAL } from "./foreign-keys.ts";
import { nearestName } from "./nearest-name.ts";
import { isNoStep, sharperFix, sharperNameFix } from "./sharper-fix.ts";
import { problemAtKey, problemAtNode } from "../source/problem-at.ts";
import { escapePointer, isUnread, pointerOf, type SourceNode } from "../source/source-node.ts";
import type { WorkflowProblem } from "../workflow-problem.ts";

/**
 * Judges a node by a schema.
 *
 * @param value - The plain value of the node.
 * @param problems - The problems are added here, each where the culprit was written.
 * @returns Whether the value is as the schema wants it; of one that could not be read nothing is reported.
 */
export function schemaProblems(
  node: SourceNode,
  { value, schema }: { readonly value: unknown; readonly schema: z.ZodMiniType },
  problems: WorkflowProblem[],
): boolean {
  const result = schema.safeParse(value);
  const issues = result.error?.issues ?? [];
  for (const issue of issues) addIssue(problems, node, { issue, issues });
  return result.success;
}

/** What a schema says to a value that is not there. */
export function missingFix(schema: z.ZodMiniType): string | undefined {
  return schema.safeParse(undefined).error?.issues[0]?.message;
}

type Issue = z.core.$ZodIssue;

/** An issue among the others of the same value. */
interface OneOf {
  readonly issue: Issue;
  readonly issues: readonly Issue[];
}

function addIssue(problems: WorkflowProblem[], root: SourceNode, { issue, issues }: OneOf): void {
  if (issue.code === "invalid_union") {
    const inner = locate(root, issue.path).node;
    const branch = isNoStep(inner) ? undefined : matchingBranch(issue.errors);
    if (branch !== undefined) {
      for (const nested of branch) addIssue(problems, inner, { issue: nested, issues: branch });
      return;
    }
  }
  const { node, missing } = locate(root, issue.path);
  if (isUnread(node)) return;
  if (issue.code === "unrecognized_keys") {
    const messages = issue.message.split("\n");
    for (const [index, key] of issue.keys.entries()) {
      // Whatever else such an include says goes with it.
      if (messages.includes(ONLY_LOCAL) && index !== messages.indexOf(ONLY_LOCAL)) continue;
      const child = node.kind === "map" ? node.entries.get(key)?.node : undefined;
      problems.push(problemAtKey(child ?? node, messages[index] ?? issue.message));
    }
    return;
  }
  if (missing !== undefined) {
    if (isMeant(missing, { issue, issues })) return;
    const range = problemAtKey(node, issue.message);
    problems.push({ ...range, path: pointerOf(node) + escapePointer(missing) });
    return;
  }
  if (issue.code === "invalid_key") {
    problems.push(problemAtKey(node, sharperNameFix(node, issue.issues[0]?.message ?? issue.message)));
    return;
  }
  problems.push(problemAtNode(node, sharperFix(node, issue.message)));
}

/** Whether an unknown key beside a missing one is answered with the missing one, or with what makes it needless. */
function isMeant(missing: string, { issue, issues }: OneOf): boolean {
  const whose = { local: "include", if: "rule", run: "step", name: "service", ref: "secret" }[missing] ?? "";
  const place = issue.path.slice(0, -1).join("\0");
  return issues.some(
    (other) =>
      other.code === "unrecognized_keys" &&
      other.path.join("\0") === place &&
      other.keys.slice(0, MAX_ASKED).some((key) => {
        const fix = foreignKeyFix(whose, key, []) ?? nearestName(key, [missing]);
        // Other keys of a service leave its name missing.
        return fix !== undefined && (whose !== "service" || / to name$|^name$/.test(fix));
      }),
  );
}

/** How many unknown keys are asked what they stand for. */
const MAX_ASKED = 20;

/** The branch of a union that the value was meant for: the one that it fails inside of, not as a whole. */
function matchingBranch(errors: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return errors.find((issues) => issues.length > 0 && issues.every((issue) => isInside(issue)));
}

function isInside(issue: Issue): boolean {
  return issue.path.length > 0 || (issue.code !== "invalid_type" && issue.code !== "invalid_union");
}

interface Located {
  /** The node at the path, or the last one on the way when the path leads nowhere. */
  readonly node: SourceNode;
  /** The first step of the path that leads nowhere. */
  readonly missing: string | undefined;
}

function locate(root: SourceNode, path: readonly PropertyKey[]): Located {
  let node = root;
  for (const step of path) {
    const next =
      node.kind === "map"
        ? node.entries.get(String(step))?.node
        : node.kind === "list"
          ? node.items[Number(step)]
          : undefined;
    if (next === undefined) return { node, missing: String(step) };
    node = next;
  }
  return { node, missing: undefined };
}
