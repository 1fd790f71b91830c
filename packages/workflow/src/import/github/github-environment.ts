import { VARIABLE_NAME } from "../../schema/name-patterns.ts";
import type { ImportNotes } from "../import-notes.ts";
import { entriesOf, textOf, type ForeignTree, type TreePlace } from "../tree.ts";
import { AS_VALUE, fillExpressions } from "./fill-expressions.ts";
import type { Values } from "./known-value.ts";
import { isTold } from "./step-channels.ts";

/** An `env`: its variables, and the names of the secrets that some of them are. */
export interface GithubEnvironment {
  readonly variables: Record<string, string>;
  readonly secrets: ReadonlyMap<string, string>;
}

/** Reads an `env`. A variable that is a secret and nothing else becomes one. */
export function githubEnvironment(
  node: ForeignTree | undefined,
  values: Values,
  notes: ImportNotes,
): GithubEnvironment {
  const variables: Record<string, string> = {};
  const secrets = new Map<string, string>();
  for (const [written, entry] of entriesOf(node)) {
    const name = written.toUpperCase();
    const text = textOf(entry.node) ?? "";
    if (!VARIABLE_NAME.test(name)) {
      notes.add(entry, `env ${written} was left out: no variable can have this name here`);
      continue;
    }
    if (name !== written)
      notes.add(
        entry,
        `env ${written}: it is ${name} here; commands and programs that look for ${written} do not find it`,
      );
    const [, secret] = /^\s*\$\{\{\s*secrets\.([A-Z_][A-Z0-9_]*)\s*\}\}\s*$/.exec(text) ?? [];
    const from = secret ?? (/^\s*\$\{\{\s*github\.token\s*\}\}\s*$/.test(text) ? "GITHUB_TOKEN" : undefined);
    if (from === undefined && text.includes("${{") && /\bsecrets\.|\bgithub\.token\b/.test(text)) {
      notes.add(
        entry,
        `env ${written} was left out: a secret is no part of a variable; put it together in a step`,
      );
      continue;
    }
    const filled = from === undefined ? fillExpressions(text, values, AS_VALUE) : undefined;
    if (from !== undefined) secrets.set(name, from);
    else if (filled?.ok === true) variables[name] = filled.text;
    else if (filled !== undefined)
      notes.add(entry, `env ${written} was left out: ${filled.unknown} is not known here`);
  }
  return { variables, secrets };
}

/** What a runner of GitHub sets, for a push of the branch that is checked out. */
const FACTS: Readonly<Record<string, string>> = {
  GITHUB_ACTIONS: "",
  GITHUB_WORKSPACE: "$LOOM_PROJECT_DIR",
  GITHUB_SHA: "$CI_COMMIT_SHA",
  GITHUB_REF: "refs/heads/$CI_COMMIT_BRANCH",
  GITHUB_REF_NAME: "$CI_COMMIT_BRANCH",
  GITHUB_EVENT_NAME: "push",
  GITHUB_JOB: "$LOOM_JOB_ID",
  GITHUB_RUN_ID: "$LOOM_RUN_ID",
  RUNNER_OS: "Linux",
  RUNNER_TEMP: "/tmp",
};

/** Files through which a step of GitHub tells something, where nothing here takes it over. */
const CHANNELS: Readonly<Record<string, string>> = {
  GITHUB_ENV: "later steps do not have the variables that are written there",
  GITHUB_OUTPUT: "nobody reads what is written there",
  GITHUB_PATH: "later steps do not find programs in what is written there",
  GITHUB_STEP_SUMMARY: "nobody reads what is written there",
};

const NAME = /\$\{?((?:GITHUB|RUNNER)_[A-Z_]+)/g;

/** Sets the variables of a runner that commands use, and says what they are here. */
export function setRunnerFacts(
  commands: readonly string[],
  variables: Record<string, string>,
  { place, notes }: { readonly place: TreePlace; readonly notes: ImportNotes },
): void {
  const used = new Set(
    commands.flatMap((text) =>
      [...text.matchAll(NAME)].flatMap(([, name = ""]) => (isTold(text, name) ? [] : name)),
    ),
  );
  for (const name of used) {
    if (Object.hasOwn(variables, name) || name === "GITHUB_TOKEN") continue;
    const channel = Object.hasOwn(CHANNELS, name) ? CHANNELS[name] : undefined;
    const fact = Object.hasOwn(FACTS, name) ? FACTS[name] : undefined;
    if (channel !== undefined) {
      variables[name] = "/dev/null";
      notes.add(place, `$${name} is /dev/null here: ${channel}`);
    } else if (fact !== undefined) variables[name] = fact;
    else notes.add(place, `$${name} is not set here: nothing of GitHub is there to set it`);
  }
}
