import { VARIABLE_NAME } from "../../schema/name-patterns.ts";
import { at, entriesOf, textOf, type ForeignTree } from "../tree.ts";

/** The files through which a step of GitHub tells the next ones something, and what the steps of a job tell. */
export interface StepChannels {
  /** The variable that holds an output of a step; `undefined` for one that no step here writes. */
  readonly output: (id: string, name: string) => string | undefined;
  /** Variables that a step sets for those after it. What is decided before a job starts does not know them. */
  readonly told: ReadonlySet<string>;
  /** Whether the value of a variable of a job asks for one that a step sets. */
  readonly isAskedFor: (value: string) => boolean;
  /** The lines around the command of a step; none where it tells nothing. */
  readonly around: (step: ForeignTree) => LinesAround;
}

/** What stands before and after a command. */
interface LinesAround {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

const ENV = "GITHUB_ENV";
const PATH = "GITHUB_PATH";
const OUTPUT = "GITHUB_OUTPUT";

/** What makes a file for a step to write to. The variable leads to another one in each step. */
function openFile(channel: string): string {
  return `export ${channel}="$(mktemp)"`;
}

function removeFile(channel: string): string {
  return `rm "$${channel}"`;
}

/** What takes over what a step has written, for a job that carries variables from step to step. */
const TAKE_OVER: Readonly<Record<string, string>> = {
  [ENV]: `while IFS= read -r line; do case $line in [A-Za-z_]*=*) export "$line" ;; esac; done <"$${ENV}"`,
  [PATH]: `while IFS= read -r line; do export PATH="$line:$PATH"; done <"$${PATH}"`,
};

/** An output that an expression asks for. */
const ASKED = /\bsteps\.([\w-]+)\.outputs\.([\w-]+)/g;

/** A variable that a command writes for later steps, as far as its name can be seen. */
const SET = /\b([A-Za-z_]\w*)=[^\n]*GITHUB_ENV\b/g;

/** Reads what the steps of a job tell each other. */
export function stepChannels(steps: readonly ForeignTree[]): StepChannels {
  const outputs = outputsOf(steps);
  const set = steps.flatMap((step) => [...commandOf(step).matchAll(SET)].map(([, name = ""]) => name));
  const told = new Set([...[...outputs.values()].flatMap((of) => [...of.values()]), ...set]);
  // A variable of a job has capital letters.
  const inCapitals = new Set([...told].map((name) => name.toUpperCase()));
  return {
    output: (id, name) => outputs.get(id)?.get(name),
    told,
    isAskedFor: (value) => [...value.matchAll(/\$\{(\w+)\}/g)].some(([, name = ""]) => inCapitals.has(name)),
    around: (step) => {
      const own = outputs.get(textOf(at(step, "id")) ?? "") ?? new Map<string, string>();
      const used = [ENV, PATH, ...(own.size > 0 ? [OUTPUT] : [])].filter((channel) => uses(step, channel));
      const takeOver = (channel: string): readonly string[] =>
        [TAKE_OVER[channel] ?? [...own].map(takeOutput)].flat();
      return {
        before: used.map(openFile),
        after: used.flatMap((channel) => [...takeOver(channel), removeFile(channel)]),
      };
    },
  };
}

/** The variables of the outputs that commands ask for, by the ids of the steps that write them and by their names. */
function outputsOf(steps: readonly ForeignTree[]): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const writers = steps.filter((step) => uses(step, OUTPUT));
  const outputs = new Map(
    writers.flatMap((step) => {
      const id = textOf(at(step, "id"));
      return id === undefined ? [] : [[id, new Map<string, string>()] as const];
    }),
  );
  // What an action is given is decided before the job starts.
  for (const text of steps.filter((step) => at(step, "run") !== undefined).flatMap(textsIn))
    for (const [, id = "", name = ""] of text.matchAll(ASKED)) {
      const variable = variableOf(id, name);
      if (variable !== undefined) outputs.get(id)?.set(name, variable);
    }
  return outputs;
}

function takeOutput([name, variable]: readonly [name: string, variable: string]): string {
  return `export ${variable}="$(sed -n 's/^${name}=//p' "$${OUTPUT}" | tail -n 1)"`;
}

/** Whether what a command writes to a channel is taken over. */
export function isTold(command: string, channel: string): boolean {
  return command.includes(openFile(channel));
}

function uses(step: ForeignTree, channel: string): boolean {
  return new RegExp(`\\b${channel}\\b`).test(commandOf(step));
}

function commandOf(step: ForeignTree): string {
  return textOf(at(step, "run")) ?? "";
}

/** Names of outputs may have a hyphen, and those of variables not. */
function variableOf(id: string, name: string): string | undefined {
  const variable = `STEP_${id}_${name}`.toUpperCase().replaceAll("-", "_");
  return VARIABLE_NAME.test(variable) ? variable : undefined;
}

function textsIn(node: ForeignTree): readonly string[] {
  if (node.kind === "scalar") return [node.text];
  if (node.kind === "list") return node.items.flatMap(textsIn);
  return entriesOf(node).flatMap(([, entry]) => textsIn(entry.node));
}
