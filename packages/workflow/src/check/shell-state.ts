import type { Carried } from "@loom/core";
import type { ShellText, ShellWord } from "./scan-shell.ts";

const ASSIGNMENT = /^[A-Za-z_]\w*\+?=/;

/** Words that a command can follow. */
const LEADING = new Set(["if", "then", "elif", "else", "while", "until", "do", "!", "{", "}", "time"]);

/** The words of a command from its name on, without what may stand before it. */
export function fromName(words: readonly ShellWord[]): readonly ShellWord[] {
  const first = words.findIndex(({ text }) => !LEADING.has(text) && !ASSIGNMENT.test(text));
  return first === -1 ? [] : words.slice(first);
}

/**
 * Whether nothing is left of a script once its shell has ended: it changes folders, variables and settings only, and
 * not all of that is carried to the next step.
 *
 * @param exported - Names of variables that are exported when the script begins.
 */
export function changesOnlyItsShell(
  { commands }: ShellText,
  { carried, exported }: { readonly carried: ReadonlySet<Carried>; readonly exported: ReadonlySet<string> },
): boolean {
  const own = commands.filter(({ nested }) => !nested);
  return (
    own.length > 0 &&
    own.every(({ words }) => changesShell(words)) &&
    !own.every(({ words }) => isCarried(words, { carried, exported }))
  );
}

/** Whether the next step gets what a command changes. */
function isCarried(
  words: readonly ShellWord[],
  { carried, exported }: { readonly carried: ReadonlySet<Carried>; readonly exported: ReadonlySet<string> },
): boolean {
  const [name = ""] = words.map(({ text }) => text);
  switch (name) {
    case "cd":
      return carried.has("cwd");
    case ".":
    case "source":
      return carried.size > 0;
    case "export":
      return carried.has("env");
    default: {
      const names = words.map(({ text }) => /^(\w+)\+?=/.exec(text)?.[1] ?? "");
      return carried.has("env") && names.every((each) => exported.has(each));
    }
  }
}

function changesShell(words: readonly ShellWord[]): boolean {
  if (words.every(({ text }) => ASSIGNMENT.test(text))) return true;
  const [name = "", ...rest] = words.map(({ text }) => text);
  switch (name) {
    case "cd":
      return true;
    case ".":
    case "source":
      return rest.length > 0;
    case "export":
    case "set":
    case "umask":
    case "ulimit":
      // Without anything to set they print.
      return rest.some((text) => !/^-[apS]$/.test(text));
    default:
      return false;
  }
}
