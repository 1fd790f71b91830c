import type { SourceNode } from "../source/source-node.ts";
import { foreignKeyFix } from "./foreign-keys.ts";
import { VARIABLE_NAME } from "./name-patterns.ts";
import { quoteName } from "./quote-name.ts";

/**
 * Says what to do about the very value that stands there: a schema knows the
 * value only, and not how or under which key it was written.
 */
export function sharperFix(node: SourceNode, message: string): string {
  return stepFix(node, message) ?? listFix(node, message) ?? message;
}

/** What to do about the name of a variable or a secret that is not one: most are in small letters. */
export function sharperNameFix(node: SourceNode, message: string): string {
  const [, what] = /^name (variables|secrets) in capitals/.exec(message) ?? [];
  const written = String(node.key);
  const name = written.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_");
  if (what === undefined || !VARIABLE_NAME.test(name) || !/^[\x21-\x7e]+$/.test(written)) return message;
  return `rename ${quoteName(written)} to ${name}: names of ${what} are in capitals`;
}

/** Lists of commands. */
const STEP_LISTS: readonly unknown[] = ["script", "before_script", "after_script"];

/** Whether a mapping stands for a command, and is none that says more of a step: a colon or a brace has made it one. */
export function isNoStep({ kind, parent, ...node }: SourceNode): boolean {
  if (kind !== "map" || parent?.kind !== "list" || !STEP_LISTS.includes(parent.key)) return false;
  const entries = "entries" in node ? [...node.entries.keys()].slice(0, MAX_ASKED) : [];
  return !entries.some((key) => STEP_KEYS.includes(key) || foreignKeyFix("step", key, []) !== undefined);
}

/** How many keys of a mapping are asked what they stand for. */
const MAX_ASKED = 20;

/** Keys of a step in its long form. */
const STEP_KEYS: readonly string[] = [
  "run",
  "name",
  "if",
  "dir",
  "variables",
  "timeout",
  "allow_failure",
  "shell",
];

function stepFix(node: SourceNode, message: string): string | undefined {
  const { file, start, parent } = node;
  if (parent?.kind === "map" && STEP_LISTS.includes(node.key)) {
    const isDashed = node.kind === "scalar" && typeof node.value === "string" && /^-[^\s-]/.test(node.value);
    return isDashed ? "put a space after the dash of each command" : undefined;
  }
  if (parent?.kind !== "list" || !STEP_LISTS.includes(parent.key) || !message.includes("command")) {
    return undefined;
  }
  if (node.kind === "scalar" && node.value === null) return "write a command here, or remove this step";
  const bracket = file.text.charAt(start);
  if (bracket === "{") return "put this command in quotes: { at the start makes it a mapping";
  if (bracket === "[") return "put this command in quotes: [ at the start makes it a list";
  return undefined;
}

/** `needs: build` where a list is wanted. */
function listFix(node: SourceNode, message: string): string | undefined {
  const [, key] = /^make (\w+) a list/.exec(message) ?? [];
  // The published wording of v1 for script, kept to the letter.
  if (key === undefined || key !== node.key || key === "script" || node.kind !== "scalar") return undefined;
  const isPlain = typeof node.value === "string" && /^[\w./:@-]{1,60}$/.test(node.value);
  if (!isPlain) return undefined;
  return `make ${key} a list: [${key === "include" ? `{local: ${String(node.value)}}` : String(node.value)}]`;
}
