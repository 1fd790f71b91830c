import { VARIABLE_NAME } from "../../schema/name-patterns.ts";
import { DraftStep, type DraftKeys, type DraftValue } from "../draft.ts";
import type { ImportNotes } from "../import-notes.ts";
import { at, entriesOf, flagOf, textOf, type ForeignTree } from "../tree.ts";
import { UniqueNames } from "../unique-names.ts";
import { AS_COMMAND, AS_FOLDER, AS_QUOTED, AS_VALUE, fillExpressions } from "./fill-expressions.ts";
import { cacheName, meaningOf, type ActionMeaning } from "./github-actions.ts";
import {
  githubCondition,
  testedNames,
  testAsCommand,
  testAsCondition,
  type GithubCondition,
} from "./github-condition.ts";
import type { Values } from "./known-value.ts";
import type { PlacedStep } from "./placed-steps.ts";
import { stepChannels, type StepChannels } from "./step-channels.ts";
import { stepUnderOwnNames } from "./under-own-names.ts";

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
  /** What the caches and the artifacts were made of. */
  readonly sources: ReadonlyMap<string, ForeignTree>;
  /** Marks of what stands behind the last command. */
  readonly trailing: readonly string[];
  /** Whether a step sets variables for those after it. */
  readonly carriesVariables: boolean;
}

/** What steps inherit from their job. */
export interface StepDefaults {
  readonly directory: string | undefined;
  /** As it is written. */
  readonly shell: string | undefined;
  /** Whether the job runs in a container, where GitHub takes sh. */
  readonly isContained: boolean;
  /** The variables that hold secrets. */
  readonly secrets: ReadonlyMap<string, string>;
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
  "timeout-minutes",
];

/** How a step tells a value of several lines: `echo "NAME<<END" >> $GITHUB_ENV`. */
const SEVERAL_LINES = /["'\s][\w-]+<<["']?\w+["']?\s*(?:>>|$)/m;

/** Carries the steps of a job over. */
export function githubSteps(
  placed: readonly PlacedStep[],
  {
    values: ofJob,
    notes,
    defaults,
  }: { readonly values: Values; readonly notes: ImportNotes; readonly defaults: StepDefaults },
): GithubSteps {
  const script: DraftStep[] = [];
  const after: DraftStep[] = [];
  const caches: { readonly [key: string]: DraftValue }[] = [];
  const paths: string[] = [];
  const exclude: string[] = [];
  const sources = new Map<string, ForeignTree>();
  /** After which results something is kept. */
  const kept = new Set<GithubCondition["status"]>();
  const names = new UniqueNames(50);
  let pending: string[] = [];
  let carriesVariables = false;
  const channels = stepChannels(placed.map(({ step }) => step));
  const told = { output: channels.output, ofShell: channels.told };
  const lastInTurn = placed.findLastIndex(({ step, action }) =>
    isInTurn(step, { ...ofJob, ...told, action }),
  );

  for (const [index, { step, action }] of placed.entries()) {
    const values: Values = { ...ofJob, action };
    /** What a shell knows when the step begins. Keys are decided before the job starts. */
    const inShell: Values = { ...values, ...told };
    const note = (message: string): void => {
      notes.add(step, message);
    };
    const name = textOf(at(step, "name"));
    for (const [key] of entriesOf(step)) if (!KNOWN.includes(key)) note(`steps: ${key} was not carried over`);
    const uses = textOf(at(step, "uses"));
    const meaning = uses === undefined ? undefined : meaningOf(uses, inputsOf(step), values);
    const condition = textOf(at(step, "if"));
    const decided = condition === undefined ? undefined : githubCondition(condition, inShell);
    if (decided?.test.kind === "constant" && !decided.test.value) {
      const why =
        action === undefined ? "for a push on Linux" : "for a push on Linux, with what the action is given";
      note(`the step was left out: it does not run ${why} (${condition ?? ""})`);
      continue;
    }
    if (meaning !== undefined) takeMeaning(meaning, name, { step, note });
    const files = [
      ...(meaning !== undefined && (meaning.paths ?? []).length > 0 ? ["artifacts"] : []),
      ...(meaning?.cache === undefined ? [] : ["cache"]),
    ];
    if (files.includes("artifacts"))
      kept.add(decided?.status ?? (condition === undefined ? "success" : "always"));
    if (condition !== undefined && decided?.test.kind !== "constant")
      for (const key of files) note(`if: ${condition} was not carried over: ${key} has no condition here`);
    const command = meaning === undefined ? textOf(at(step, "run")) : meaning.run;
    if (command === undefined || command.trim() === "") {
      if (meaning === undefined) note("a step was left out: it has neither run nor uses");
      continue;
    }
    if (condition !== undefined && decided === undefined) {
      gap(name ?? command, `if: ${condition} is not known here`, note);
      continue;
    }
    // What a later step relies on cannot wait until the end.
    const isEarly = decided?.status === "always" && index < lastInTurn;
    if (isEarly) note(`if: ${condition ?? ""}: the step runs in its turn here, and not after a failure`);
    const isAfter = decided !== undefined && decided.status !== "success" && !isEarly;
    const around = channels.around(step);
    const built = stepOf(step, {
      command,
      decided,
      isAfter,
      values,
      inShell,
      channels,
      around,
      defaults,
      note,
    });
    if (!built.ok) {
      gap(name ?? command, built.why, note);
      continue;
    }
    carriesVariables ||= around.after.length > 0;
    if (around.after.length > 0 && SEVERAL_LINES.test(command))
      note("a value of several lines (NAME<<END) does not reach the next steps");
    const title = titleOf(name);
    const comments = [...pending, ...(name === undefined || title !== undefined ? [] : [name])];
    const keys = { ...(title !== undefined && { name: title }), ...built.keys };
    (isAfter ? after : script).push(
      new DraftStep(built.text, comments, { keys, source: stepUnderOwnNames(step) }),
    );
    pending = [];
  }
  const when =
    kept.has("always") || kept.size > 1 ? "always" : kept.has("failure") ? "on_failure" : undefined;
  const first = sources.get("artifacts");
  if (kept.size > 1 && first !== undefined)
    notes.add(first, "artifacts: all of them are kept whatever happens: a job has one when for them");
  return { script, after, caches, paths, exclude, when, sources, trailing: pending, carriesVariables };

  function gap(what: string, why: string, note: (message: string) => void): void {
    const short = what.split("\n", 1)[0] ?? "";
    pending.push(`TODO ${short}: ${why}`);
    note(`the step "${short}" was left out: ${why}`);
  }

  function takeMeaning(
    meaning: ActionMeaning,
    name: string | undefined,
    { step, note }: { readonly step: ForeignTree; readonly note: (message: string) => void },
  ): void {
    for (const each of meaning.notes) note(each);
    if (meaning.isGap === true) pending.push(`TODO ${meaning.notes[0] ?? ""}`);
    const source = at(at(step, "with"), "path") ?? step;
    if (meaning.cache !== undefined && !sources.has("cache")) sources.set("cache", source);
    if (meaning.paths !== undefined && !sources.has("artifacts")) sources.set("artifacts", source);
    if (meaning.cache !== undefined) caches.push({ name: names.take(cacheName(name)), ...meaning.cache });
    paths.push(...(meaning.paths ?? []));
    exclude.push(...(meaning.exclude ?? []));
  }
}

/** Whether a step runs as long as nothing has failed. */
function isInTurn(step: ForeignTree, values: Values): boolean {
  const uses = textOf(at(step, "uses"));
  const command = uses === undefined ? textOf(at(step, "run")) : meaningOf(uses, inputsOf(step), values).run;
  if (command === undefined) return false;
  const condition = textOf(at(step, "if"));
  if (condition === undefined) return true;
  const decided = githubCondition(condition, values);
  return decided?.status === "success" && !(decided.test.kind === "constant" && !decided.test.value);
}

function asGuard(test: string): string {
  return test.includes("&&") || test.includes("||") ? `{ ${test}; }` : test;
}

function inputsOf(step: ForeignTree): ReadonlyMap<string, string> {
  return new Map(entriesOf(at(step, "with")).map(([key, { node }]) => [key, textOf(node) ?? ""]));
}

/** A name that a step may have; `undefined` for one that only a comment can hold. */
function titleOf(name: string | undefined): string | undefined {
  const title = name?.replaceAll(/\s+/g, " ").trim() ?? "";
  return title === "" || title.length > 80 || title.includes("${{") ? undefined : title;
}

interface StepParts {
  readonly command: string;
  readonly decided: GithubCondition | undefined;
  /** Whether it is of `after_script`, which goes on after every failure. */
  readonly isAfter: boolean;
  /** What is known before the job starts. */
  readonly values: Values;
  /** What is known when the step begins. */
  readonly inShell: Values;
  readonly channels: StepChannels;
  /** Lines around its command. */
  readonly around: ReturnType<StepChannels["around"]>;
  readonly defaults: StepDefaults;
  readonly note: (message: string) => void;
}

type Built =
  | { readonly ok: true; readonly text: string; readonly keys: DraftKeys }
  | { readonly ok: false; readonly why: string };

/** What a step becomes: keys where they carry what it says, and lines of its command where they do not. */
function stepOf(step: ForeignTree, parts: StepParts): Built {
  const { command, decided, isAfter, values, inShell, channels, around, defaults, note } = parts;
  const keys: DraftKeys = {};
  const lines: string[] = [...around.before];
  const variables: Record<string, string> = {};
  const exported = new Set<string>();
  for (const [name, { node }] of entriesOf(at(step, "env"))) {
    const text = textOf(node) ?? "";
    // What is a secret is no part of a variable, and only a shell knows an instead.
    const value = /\bsecrets\.|\bgithub\.token\b/.test(text)
      ? undefined
      : fillExpressions(text, values, AS_VALUE);
    if (value?.ok === true && VARIABLE_NAME.test(name) && !channels.isAskedFor(value.text)) {
      variables[name] = value.text;
      continue;
    }
    const filled = fillExpressions(text, inShell, AS_QUOTED);
    if (!filled.ok) return { ok: false, why: `${filled.unknown} is not known here` };
    if (!/^[A-Za-z_]\w*$/.test(name)) continue;
    exported.add(name);
    lines.push(`export ${name}="${filled.text}"`);
  }
  if (decided?.status === "failure") lines.push('[ "$LOOM_JOB_STATUS" = failed ] || exit 0');
  if (decided !== undefined && decided.test.kind !== "constant") {
    // A condition is decided before the job starts, by what the job has.
    const isOfJob = testedNames(decided.test).every(
      (name) =>
        !(name in variables) &&
        !exported.has(name) &&
        !defaults.secrets.has(name) &&
        !channels.told.has(name),
    );
    if (isOfJob) keys["if"] = testAsCondition(decided.test);
    else lines.push(`${asGuard(testAsCommand(decided.test))} || exit 0`);
  }
  const allowed = at(step, "continue-on-error");
  const mayFail = flagOf(allowed);
  if (mayFail === undefined && allowed !== undefined)
    return { ok: false, why: "whether it may fail is not known here" };
  const folder = folderOf(step, { values, inShell, defaults });
  if (folder !== undefined && !folder.ok) return folder;
  if (folder?.line !== undefined) lines.push(folder.line);
  if (folder?.dir !== undefined) keys["dir"] = folder.dir;
  if (Object.keys(variables).length > 0) keys["variables"] = variables;
  const timeout = at(step, "timeout-minutes");
  const minutes = Number(textOf(timeout));
  if (timeout !== undefined && minutes > 0 && Number.isInteger(minutes)) keys["timeout"] = `${minutes}m`;
  else if (timeout !== undefined) note("steps: timeout-minutes was not carried over: it is no number");
  if (mayFail === true && !isAfter) keys["allow_failure"] = true;
  const filled = fillExpressions(command, inShell, AS_COMMAND);
  if (!filled.ok) return { ok: false, why: `${filled.unknown} is not known here` };
  const body = filled.text.replaceAll("\r\n", "\n").replaceAll("\0", "").replace(/\n+$/, "");
  const own = textOf(at(step, "shell"));
  const shell = own ?? defaults.shell ?? "bash";
  const [program = ""] = shell.trim().split(/\s+/);
  if (program === "python") lines.push(`python3 - <<'END_OF_STEP'\n${body}\nEND_OF_STEP`);
  else if (program === "bash" || program === "sh") lines.push(body);
  else return { ok: false, why: `it is for the shell ${shell}` };
  lines.push(...around.after);
  if (program === "sh") keys["shell"] = "sh";
  if (program === "bash" && own !== undefined && defaults.isContained) keys["shell"] = "bash";
  const text = lines.join("\n");
  return { ok: true, text: text.includes("\n") ? `${text}\n` : text, keys };
}

type Folder =
  | { readonly ok: true; readonly dir?: string; readonly line?: string }
  | { readonly ok: false; readonly why: string };

/** Where a step works: as a key for a folder of the project, else as a line. */
function folderOf(
  step: ForeignTree,
  { values, inShell, defaults }: Pick<StepParts, "values" | "inShell" | "defaults">,
): Folder | undefined {
  const written = textOf(at(step, "working-directory")) ?? defaults.directory;
  if (written === undefined) return undefined;
  const folder = fillExpressions(written, values, AS_FOLDER);
  const dir = folder.ok ? folder.text.replace(/^(?:\.\/+)+/, "").replace(/\/+$/, "") : "";
  if (dir === ".") return undefined;
  const isInside = /^[^\s/~\\]/.test(dir) && !dir.split("/").includes("..");
  if (isInside && !written.replaceAll(/\$\{\{.*?\}\}/gs, "").includes("$")) return { ok: true, dir };
  const filled = fillExpressions(written, inShell, AS_QUOTED);
  if (!filled.ok) return { ok: false, why: `${filled.unknown} is not known here` };
  return { ok: true, line: /^[\w./-]+$/.test(filled.text) ? `cd ${filled.text}` : `cd "${filled.text}"` };
}
