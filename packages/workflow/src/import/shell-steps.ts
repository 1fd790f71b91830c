import type { Carried } from "@loom/core";
import { bashIdioms } from "../check/bash-idioms.ts";
import { scanShell, type ShellText } from "../check/scan-shell.ts";
import { DraftStep } from "./draft.ts";

/** Commands whose effect on their shell others may rely on, or that end it. */
const STATEFUL = new Set(
  ". source cd pushd popd export unset set shopt alias unalias umask ulimit trap exec exit return eval read mapfile readarray declare typeset local readonly let shift function module nvm conda mamba pyenv rbenv sdk jobs wait fg bg disown kill".split(
    " ",
  ),
);
const LEADING = new Set([
  "if",
  "then",
  "elif",
  "else",
  "while",
  "until",
  "do",
  "!",
  "{",
  "}",
  "time",
  "&&",
  "||",
]);
const ASSIGNMENT = /^[A-Za-z_]\w*(?:\[[^\]]*\])?\+?=/;

/** Whether a later command may see what this one did to its shell. */
function leavesState(text: string): boolean {
  const scanned = scanShell(text);
  if (scanned.open || isUnfinished(scanned)) return true;
  return (
    definesFunction(scanned) ||
    scanned.commands.some(({ words, nested }) => {
      if (nested) return false;
      const rest = words.map((word) => word.text).filter((word) => !LEADING.has(word));
      const name = rest.find((word) => !ASSIGNMENT.test(word));
      return rest.length > 0 && (name === undefined || STATEFUL.has(name));
    })
  );
}

function definesFunction({ code }: ShellText): boolean {
  return /\(\)\s*\{/.test(code);
}

/** Words that open something, and what closes it. */
const OPENERS: readonly (readonly [string, string])[] = [
  ["if", "fi"],
  ["do", "done"],
  ["case", "esac"],
  ["{", "}"],
];

function isUnfinished({ commands, code }: ShellText): boolean {
  const words = commands.flatMap((command) => command.words.map(({ text }) => text));
  if (OPENERS.some(([open, close]) => count(words, open) !== count(words, close))) return true;
  return /\\\s*$/.test(code);
}

function count(words: readonly string[], word: string): number {
  return words.filter((each) => each === word).length;
}

/** Whether a later command looks at what an earlier one left: its exit code, or its number. */
const LOOKS_BACK = /\$[?!]|\$\{[?!]|(?:^|\s)%\d/;

/** Whether a list of commands depends on being run by one shell. */
export function needsOneShell(commands: readonly string[]): boolean {
  return (
    commands.slice(0, -1).some(leavesState) ||
    commands.slice(1).some((text) => LOOKS_BACK.test(text)) ||
    commands.slice(-1).some((text) => scanShell(text).open)
  );
}

/** Whether commands that follow a list may depend on it. */
export function leavesStateBehind(commands: readonly string[]): boolean {
  return commands.some(leavesState);
}

/**
 * What steps of their own have to carry so that each gets what the commands before it did to their shell, in a list of commands
 * that depends on being run by one.
 *
 * @returns Undefined where something of it is not carried: a variable that is not exported, a function, what a sourced file
 *   does, the folder before the last `cd`.
 */
export function partsToCarry(commands: readonly string[]): readonly Carried[] | undefined {
  const isLookedBackAt = commands.slice(1).some((text) => LOOKS_BACK.test(text) || FORMER_FOLDER.test(text));
  if (isLookedBackAt || commands.slice(-1).some((text) => scanShell(text).open)) return undefined;
  const parts = new Set<Carried>();
  for (const text of commands.slice(0, -1)) {
    if (!leavesState(text)) continue;
    const scanned = scanShell(text);
    if (scanned.open || isUnfinished(scanned) || definesFunction(scanned)) return undefined;
    for (const { words, nested } of scanned.commands) {
      const rest = words.map((word) => word.text).filter((word) => !LEADING.has(word));
      const [name, ...given] = rest;
      if (nested || name === undefined || (!ASSIGNMENT.test(name) && !STATEFUL.has(name))) continue;
      if (name === "cd") parts.add("cwd");
      else if (name === "export" && given.every((word) => EXPORTED.test(word))) parts.add("env");
      else return undefined;
    }
  }
  return (["cwd", "env"] as const).filter((part) => parts.has(part));
}

/** An exported variable with its value, and none that each shell or step has of its own. */
const EXPORTED = /^(?!(?:LOOM_\w*|CI_JOB_STATUS|PWD|OLDPWD|SHLVL|_)=)[A-Za-z_]\w*=/;

/** Names the folder before the last `cd`. */
const FORMER_FOLDER = /\bOLDPWD\b|~-|\bcd\s+-(?:\s|$|[;&|])/;

/** Commands as steps: one block where they need one shell, a step each where they do not. */
export function draftSteps(commands: readonly string[]): DraftStep[] {
  return commands.length > 1 && needsOneShell(commands) ? [blockOf(commands)] : stepsApart(commands);
}

/** Commands as a step each. */
export function stepsApart(commands: readonly string[]): DraftStep[] {
  return commands.map((text) => new DraftStep(tidy(text)));
}

/** Commands as one step. */
export function blockOf(commands: readonly string[]): DraftStep {
  return new DraftStep(`${commands.map(tidy).join("\n")}\n`);
}

/** Without what would only keep a block from being readable. */
function tidy(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(/\n+$/, "");
}

/** Whether a command is written for bash. */
export function isBash(text: string): boolean {
  return /\[\[|\$\{\w+(?:\[|,,|\^\^|\/|:\d)|<<</.test(text) || bashIdioms(scanShell(text)).length > 0;
}
