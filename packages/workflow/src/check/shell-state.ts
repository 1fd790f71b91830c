import type { ShellText, ShellWord } from "./scan-shell.ts";

const ASSIGNMENT = /^[A-Za-z_]\w*\+?=/;

/** Words that a command can follow. */
const LEADING = new Set(["if", "then", "elif", "else", "while", "until", "do", "!", "{", "}", "time"]);

/** The words of a command from its name on, without what may stand before it. */
export function fromName(words: readonly ShellWord[]): readonly ShellWord[] {
  const first = words.findIndex(({ text }) => !LEADING.has(text) && !ASSIGNMENT.test(text));
  return first === -1 ? [] : words.slice(first);
}

/** Whether nothing is left of a script once its shell has ended: it changes folders, variables and settings only. */
export function changesOnlyItsShell({ commands }: ShellText): boolean {
  const own = commands.filter(({ nested }) => !nested);
  return own.length > 0 && own.every(({ words }) => changesShell(words));
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
