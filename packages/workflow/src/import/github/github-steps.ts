import { DraftStep, type DraftValue } from "../draft.ts";
import type { ImportNotes } from "../import-notes.ts";
import { at, entriesOf, flagOf, itemsOf, textOf, type ForeignTree } from "../tree.ts";
import { UniqueNames } from "../unique-names.ts";
import { AS_COMMAND, AS_QUOTED, fillExpressions } from "./fill-expressions.ts";
import { cacheName, meaningOf, type ActionMeaning } from "./github-actions.ts";
import { githubCondition, testAsCommand } from "./github-condition.ts";
import type { Values } from "./known-value.ts";

/** What the steps of a job become. */
export interface GithubSteps {
  readonly script: readonly DraftStep[];
  /** Those that run whatever happened. */
  readonly after: readonly DraftStep[];
  readonly caches: readonly { readonly [key: string]: DraftValue }[];
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  /** After which results the artifacts are kept, if not after a success alone. */
  readonly when: "always" | "on_failure" | undefined;
  /** Marks of what stands behind the last command. */
  readonly trailing: readonly string[];
}

/** What steps inherit from their job. */
export interface StepDefaults {
  readonly directory: string | undefined;
  /** As it is written. */
  readonly shell: string | undefined;
}

const KNOWN = [
  "name",
  "id",
  "run",
  "uses",
  "with",
  "env",
  "if",
  "shell",
  "working-directory",
  "continue-on-error",
];

/** Carries the steps of a job over. */
export function githubSteps(
  node: ForeignTree | undefined,
  {
    values,
    notes,
    defaults,
  }: { readonly values: Values; readonly notes: ImportNotes; readonly defaults: StepDefaults },
): GithubSteps {
  const script: DraftStep[] = [];
  const after: DraftStep[] = [];
  const caches: { readonly [key: string]: DraftValue }[] = [];
  const paths: string[] = [];
  const exclude: string[] = [];
  let when: GithubSteps["when"];
  const names = new UniqueNames(50);
  let pending: string[] = [];

  for (const step of itemsOf(node)) {
    const note = (message: string): void => {
      notes.add(step, message);
    };
    const name = textOf(at(step, "name"));
    for (const [key] of entriesOf(step)) if (!KNOWN.includes(key)) note(`steps: ${key} was not carried over`);
    const uses = textOf(at(step, "uses"));
    const meaning = uses === undefined ? undefined : meaningOf(uses, inputsOf(step), values);
    const condition = textOf(at(step, "if"));
    const decided = condition === undefined ? undefined : githubCondition(condition, values);
    if (meaning !== undefined) takeMeaning(meaning, name, note);
    if (meaning?.paths !== undefined && decided !== undefined && decided.status !== "success")
      when = decided.status === "always" || when === "always" ? "always" : "on_failure";
    const command = meaning === undefined ? textOf(at(step, "run")) : meaning.run;
    if (command === undefined || command.trim() === "") {
      if (meaning === undefined) note("a step was left out: it has neither run nor uses");
      continue;
    }
    if (decided?.test.kind === "constant" && !decided.test.value) {
      note(`the step was left out: it does not run for a push on Linux (${condition ?? ""})`);
      continue;
    }
    if (condition !== undefined && decided === undefined) {
      gap(name ?? command, `if: ${condition} is not known here`, note);
      continue;
    }
    const guard = [
      ...(decided?.status === "failure" ? ['[ "$LOOM_JOB_STATUS" = failed ] || exit 0'] : []),
      ...(decided !== undefined && decided.test.kind !== "constant"
        ? [`${asGuard(testAsCommand(decided.test))} || exit 0`]
        : []),
    ];
    const built = commandOf(step, { command, guard, values, defaults });
    if (!built.ok) {
      gap(name ?? command, built.why, note);
      continue;
    }
    const target = decided === undefined || decided.status === "success" ? script : after;
    target.push(new DraftStep(built.text, [...pending, ...(name === undefined ? [] : [name])]));
    pending = [];
  }
  return { script, after, caches, paths, exclude, when, trailing: pending };

  function gap(what: string, why: string, note: (message: string) => void): void {
    const short = what.split("\n", 1)[0] ?? "";
    pending.push(`TODO ${short}: ${why}`);
    note(`the step "${short}" was left out: ${why}`);
  }

  function takeMeaning(
    meaning: ActionMeaning,
    name: string | undefined,
    note: (message: string) => void,
  ): void {
    for (const each of meaning.notes) note(each);
    if (meaning.isGap === true) pending.push(`TODO ${meaning.notes[0] ?? ""}`);
    if (meaning.cache !== undefined) caches.push({ name: names.take(cacheName(name)), ...meaning.cache });
    paths.push(...(meaning.paths ?? []));
    exclude.push(...(meaning.exclude ?? []));
  }
}

function asGuard(test: string): string {
  return test.includes("&&") || test.includes("||") ? `{ ${test}; }` : test;
}

function inputsOf(step: ForeignTree): ReadonlyMap<string, string> {
  return new Map(entriesOf(at(step, "with")).map(([key, { node }]) => [key, textOf(node) ?? ""]));
}

interface CommandParts {
  readonly command: string;
  readonly guard: readonly string[];
  readonly values: Values;
  readonly defaults: StepDefaults;
}

type Built = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string };

function commandOf(step: ForeignTree, { command, guard, values, defaults }: CommandParts): Built {
  const lines: string[] = [];
  for (const [name, { node }] of entriesOf(at(step, "env"))) {
    const filled = fillExpressions(textOf(node) ?? "", values, AS_QUOTED);
    if (!filled.ok) return { ok: false, why: `${filled.unknown} is not known here` };
    if (/^[A-Za-z_]\w*$/.test(name)) lines.push(`export ${name}="${filled.text}"`);
  }
  lines.push(...guard);
  const mayFail = flagOf(at(step, "continue-on-error"));
  if (mayFail === undefined && at(step, "continue-on-error") !== undefined)
    return { ok: false, why: "whether it may fail is not known here" };
  if (mayFail === true) lines.push("trap 'exit 0' EXIT");
  const directory = textOf(at(step, "working-directory")) ?? defaults.directory;
  if (directory !== undefined) {
    const filled = fillExpressions(directory, values, AS_QUOTED);
    if (!filled.ok) return { ok: false, why: `${filled.unknown} is not known here` };
    lines.push(/^[\w./-]+$/.test(filled.text) ? `cd ${filled.text}` : `cd "${filled.text}"`);
  }
  const filled = fillExpressions(command, values, AS_COMMAND);
  if (!filled.ok) return { ok: false, why: `${filled.unknown} is not known here` };
  const body = filled.text.replaceAll("\r\n", "\n").replaceAll("\0", "").replace(/\n+$/, "");
  const shell = textOf(at(step, "shell")) ?? defaults.shell ?? "bash";
  const [program = ""] = shell.trim().split(/\s+/);
  if (program === "python") lines.push(`python3 - <<'END_OF_STEP'\n${body}\nEND_OF_STEP`);
  else if (program === "bash" || program === "sh") lines.push(body);
  else return { ok: false, why: `it is for the shell ${shell}` };
  const text = lines.join("\n");
  return { ok: true, text: text.includes("\n") ? `${text}\n` : text };
}
