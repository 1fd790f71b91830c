import type { Finding } from "./github-leftovers.ts";
import type { ShellText, ShellWord } from "./scan-shell.ts";
import { fromName } from "./shell-state.ts";

const WHY = "this is bash, and steps are run by sh";

/** What to write for what no POSIX shell has, by how it begins. */
function instead(foreign: string): string {
  if (foreign === "&>") return "write > file 2>&1";
  if (foreign.endsWith("=(")) return 'write set -- and use "$@", or set shell: bash';
  return "write the output into a file first, or set shell: bash";
}

/** Finds what sh does not understand, or silently takes for something else; each kind once. */
export function bashIdioms({ commands, foreign }: ShellText): Finding[] {
  const found = new Map<string, Finding>();
  const add = ({ start, text }: ShellWord, fix: string): void => {
    const known = found.get(fix);
    if (known === undefined || known.start > start)
      found.set(fix, { start, length: text.length, message: `${WHY}: ${fix}` });
  };
  for (const word of foreign) add(word, instead(word.text));
  for (const { words } of commands) {
    const [name, next, ...rest] = fromName(words);
    if (name === undefined || next === undefined) continue;
    switch (name.text) {
      case "[[":
        add(name, "write [ … ], and case … esac for a pattern");
        break;
      case "[":
        for (const word of rest) if (word.text === "==") add(word, "write = instead of ==");
        break;
      case "set":
        for (const word of [next, ...rest]) {
          if (word.text === "pipefail") add(word, "set shell: bash, or let a file take the output");
        }
        break;
      case "source":
        add(name, "write . ./file instead of source file");
        break;
      case "function":
        add(name, "write name() { without function");
        break;
      case "echo":
        if (/^-[nE]*e[neE]*$/.test(next.text)) add(next, "write printf instead of echo -e");
        break;
      default:
    }
  }
  return [...found.values()];
}
