import type { DraftValue } from "../draft.ts";
import { at, entriesOf, itemsOf, textOf, textsOf, type ForeignTree } from "../tree.ts";
import { gitlabCondition } from "./gitlab-condition.ts";
import { innerPath } from "./gitlab-paths.ts";
import type { GitlabContext } from "./gitlab-context.ts";

type Rule = { [key: string]: DraftValue };

/** What the words of `only` and `except` ask of a pipeline. */
const REFS: Readonly<Record<string, string>> = {
  branches: "$CI_COMMIT_BRANCH",
  tags: "$CI_COMMIT_TAG",
  merge_requests: '$CI_PIPELINE_SOURCE == "merge_request_event"',
  external_pull_requests: '$CI_PIPELINE_SOURCE == "external_pull_request_event"',
  schedules: '$CI_PIPELINE_SOURCE == "schedule"',
  web: '$CI_PIPELINE_SOURCE == "web"',
  api: '$CI_PIPELINE_SOURCE == "api"',
  pushes: '$CI_PIPELINE_SOURCE == "push"',
  pipelines: '$CI_PIPELINE_SOURCE == "pipeline"',
  triggers: '$CI_PIPELINE_SOURCE == "trigger"',
  chat: '$CI_PIPELINE_SOURCE == "chat"',
  external: '$CI_PIPELINE_SOURCE == "external"',
};

/** `only` and `except` as rules. */
export function onlyExceptRules(
  { only, except }: { readonly only: ForeignTree | undefined; readonly except: ForeignTree | undefined },
  context: GitlabContext,
): readonly Rule[] | undefined {
  const rules: Rule[] = [];
  const refused = partsOf(except, "except", context);
  for (const condition of [...refused.refs, ...refused.variables])
    rules.push({ if: condition, when: "never" });
  if (refused.changes.length > 0) rules.push({ changes: refused.changes, when: "never" });
  const asked = partsOf(only, "only", context);
  const conditions = [asked.refs, asked.variables].filter((each) => each.length > 0);
  const isAlone = conditions.length === 1;
  const joined = conditions.map((each) => (isAlone || each.length === 1 ? anyOf(each) : `(${anyOf(each)})`));
  const rule: Rule = {
    ...(joined.length > 0 && { if: joined.join(" && ") }),
    ...(asked.changes.length > 0 && { changes: asked.changes }),
  };
  const isOpen = Object.keys(rule).length === 0;
  if (isOpen && asked.lost) return [...rules, { when: "manual" }];
  if (isOpen && rules.length === 0) return undefined;
  return [...rules, isOpen ? { when: context.when } : rule];
}

interface Parts {
  readonly refs: readonly string[];
  readonly variables: readonly string[];
  readonly changes: readonly string[];
  /** Whether something could not be said. */
  readonly lost: boolean;
}

function partsOf(node: ForeignTree | undefined, key: string, context: GitlabContext): Parts {
  let lost = false;
  const leave = (place: ForeignTree, message: string): [] => {
    lost = true;
    context.note(place, `${key}: ${message}`);
    return [];
  };
  const isLong = node?.kind === "map";
  for (const [inner, entry] of entriesOf(node))
    if (!["refs", "variables", "changes"].includes(inner)) leave(entry.node, `${inner} was not carried over`);
  const refs = itemsOf(isLong ? at(node, "refs") : node).flatMap((item) => {
    const text = textOf(item) ?? "";
    const said = refCondition(text.replace(/@[^/]*$/, ""), context);
    return said ?? leave(item, `${text} was not carried over`);
  });
  const variables = itemsOf(at(node, "variables")).flatMap((item) => {
    const written = gitlabCondition(textOf(item) ?? "", context.valueOf);
    return written.ok ? parenthesised(written.value) : leave(item, `${textOf(item) ?? ""}: ${written.error}`);
  });
  const changes = textsOf(at(node, "changes")).flatMap((path) => innerPath(path, context) ?? []);
  return { refs, variables, changes, lost };
}

function refCondition(text: string, context: GitlabContext): string | undefined {
  const known = Object.hasOwn(REFS, text) ? REFS[text] : undefined;
  if (known !== undefined) return known;
  const condition = text.startsWith("/") ? `$CI_COMMIT_BRANCH =~ ${text}` : `$CI_COMMIT_BRANCH == "${text}"`;
  const written =
    text === "" || (text.includes("$") && !text.startsWith("/"))
      ? undefined
      : gitlabCondition(condition, context.valueOf);
  return written?.ok === true ? written.value : undefined;
}

function anyOf(conditions: readonly string[]): string {
  return conditions.join(" || ");
}

function parenthesised(condition: string): string {
  return condition.includes("||") || condition.includes("&&") ? `(${condition})` : condition;
}
