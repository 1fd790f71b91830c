/** One word of a command, its quotes included. */
export interface ShellWord {
  readonly text: string;
  /** Offset into the text that was scanned. */
  readonly start: number;
}

/** A simple command, or as much of a compound one as stands before the next separator. */
export interface ShellCommand {
  readonly words: readonly ShellWord[];
  /** Whether it runs in a subshell or a substitution, so that its effects end there. */
  readonly nested: boolean;
}

/** What stands in a script, without what only its readers or other programs look at. */
export interface ShellText {
  readonly commands: readonly ShellCommand[];
  /** What no POSIX shell has: where it starts, and how it is written. */
  readonly foreign: readonly ShellWord[];
  /** The text with its comments blanked out, as long as it was. */
  readonly code: string;
  /** Whether a quote or a parenthesis is still open at the end. */
  readonly open: boolean;
}

interface Frame {
  readonly kind: "quote" | "brace" | "paren" | "tick";
  readonly words: ShellWord[];
  /** Where the word around it started. */
  readonly wordStart: number | undefined;
}

const ASSIGNMENT_OF_LIST = /^[A-Za-z_]\w*\+?=$/;

/**
 * Finds the commands of a shell script.
 *
 * Knows quotes, comments, substitutions and here-documents, and nothing of
 * grammar. Linear, with a stack of its own.
 */
export function scanShell(text: string): ShellText {
  const scanner = new ShellScanner(text);
  return scanner.scan();
}

class ShellScanner {
  readonly #text: string;
  readonly #commands: ShellCommand[] = [];
  readonly #foreign: ShellWord[] = [];
  readonly #frames: Frame[] = [];
  readonly #documents: { readonly end: string; readonly indented: boolean }[] = [];
  #code = "";
  #copied = 0;
  #words: ShellWord[] = [];
  #wordStart: number | undefined;
  #at = 0;
  #torn = false;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): ShellText {
    const text = this.#text;
    while (this.#at < text.length) {
      const kind = this.#frames.at(-1)?.kind;
      if (text.charAt(this.#at) === "\\") this.#escape();
      else if (kind === "quote" || kind === "brace") this.#stepQuoted(kind);
      else this.#stepCommand(kind);
    }
    this.#endCommand();
    return {
      commands: this.#commands,
      foreign: this.#foreign,
      code: this.#code + text.slice(this.#copied),
      open: this.#torn || this.#frames.length > 0,
    };
  }

  /** A line that goes on in the next one is a blank. */
  #escape(): void {
    if (this.#text.charAt(this.#at + 1) !== "\n") this.#wordStart ??= this.#at;
    this.#at += 2;
  }

  #stepQuoted(kind: "quote" | "brace"): void {
    const character = this.#text.charAt(this.#at);
    if (character === (kind === "quote" ? '"' : "}")) this.#leave(1);
    else if (this.#substitution(character)) return;
    else if (kind === "brace" && character === '"') this.#enter("quote", 1);
    else this.#at += 1;
  }

  #stepCommand(kind: Frame["kind"] | undefined): void {
    const text = this.#text;
    const character = text.charAt(this.#at);
    switch (character) {
      case " ":
      case "\t":
      case "\r":
        this.#endWord();
        this.#at += 1;
        return;
      case "\n":
        this.#endCommand();
        this.#at += 1;
        this.#skipDocuments();
        return;
      case ";":
      case "|":
        this.#endCommand();
        this.#at += 1;
        return;
      case "&":
        this.#ampersand();
        return;
      case "<":
      case ">":
        this.#redirection(character);
        return;
      case "(":
        this.#parenthesis();
        return;
      case ")":
        this.#endCommand();
        // The end of a pattern in `case` closes nothing.
        if (kind === "paren") this.#leave(1);
        else this.#at += 1;
        return;
      case "'": {
        this.#wordStart ??= this.#at;
        const end = text.indexOf("'", this.#at + 1);
        this.#torn ||= end === -1;
        this.#at = end === -1 ? text.length : end + 1;
        return;
      }
      case '"':
        this.#enter("quote", 1);
        return;
      case "#":
        if (this.#wordStart === undefined) this.#comment();
        else this.#at += 1;
        return;
      default:
        if (this.#substitution(character)) return;
        this.#wordStart ??= this.#at;
        this.#at += 1;
    }
  }

  #substitution(character: string): boolean {
    const text = this.#text;
    if (character === "`") {
      if (this.#frames.at(-1)?.kind === "tick") {
        this.#endCommand();
        this.#leave(1);
      } else this.#enter("tick", 1);
      return true;
    }
    if (character !== "$") return false;
    if (text.startsWith("$((", this.#at)) {
      const end = text.indexOf("))", this.#at);
      this.#torn ||= end === -1;
      this.#wordStart ??= this.#at;
      this.#at = end === -1 ? text.length : end + 2;
      return true;
    }
    if (text.startsWith("$(", this.#at)) this.#enter("paren", 2);
    else if (text.startsWith("${", this.#at)) this.#enter("brace", 2);
    else return false;
    return true;
  }

  #ampersand(): void {
    const isForeign = this.#text.charAt(this.#at + 1) === ">";
    if (isForeign) {
      this.#endWord();
      this.#foreign.push({ text: "&>", start: this.#at });
    } else this.#endCommand();
    this.#at += isForeign ? 2 : 1;
  }

  #redirection(character: string): void {
    const text = this.#text;
    if (text.charAt(this.#at + 1) === "(") {
      this.#foreign.push({ text: `${character}(`, start: this.#at });
      this.#enter("paren", 2);
      return;
    }
    this.#endWord();
    HERE_DOCUMENT.lastIndex = this.#at;
    const document = HERE_DOCUMENT.exec(text);
    if (document !== null) {
      this.#documents.push({ end: document[3] ?? "", indented: document[1] === "-" });
      this.#at = HERE_DOCUMENT.lastIndex;
      return;
    }
    OPERATOR.lastIndex = this.#at;
    OPERATOR.exec(text);
    this.#at = Math.max(this.#at + 1, OPERATOR.lastIndex);
  }

  #parenthesis(): void {
    const start = this.#wordStart;
    const word = start === undefined ? "" : this.#text.slice(start, this.#at);
    if (start !== undefined && this.#text.charAt(this.#at + 1) === ")") {
      // The head of a function. What follows is its body.
      this.#endCommand();
      this.#at += 2;
      return;
    }
    if (start !== undefined && ASSIGNMENT_OF_LIST.test(word)) {
      this.#foreign.push({ text: `${word}(`, start });
    } else {
      this.#endWord();
      this.#words.push({ text: "(", start: this.#at });
    }
    this.#enter("paren", 1, false);
  }

  #comment(): void {
    const lineEnd = this.#text.indexOf("\n", this.#at);
    const end = lineEnd === -1 ? this.#text.length : lineEnd;
    this.#code += this.#text.slice(this.#copied, this.#at) + " ".repeat(end - this.#at);
    this.#copied = end;
    this.#at = end;
  }

  #skipDocuments(): void {
    for (const { end, indented } of this.#documents.splice(0)) {
      while (this.#at < this.#text.length) {
        const lineEnd = this.#text.indexOf("\n", this.#at);
        const next = lineEnd === -1 ? this.#text.length : lineEnd;
        const line = this.#text.slice(this.#at, next);
        this.#at = next + 1;
        if ((indented ? line.replace(/^\t+/, "") : line) === end) break;
      }
    }
  }

  #enter(kind: Frame["kind"], width: number, inWord = true): void {
    if (inWord) this.#wordStart ??= this.#at;
    this.#frames.push({ kind, words: this.#words, wordStart: this.#wordStart });
    this.#at += width;
    if (kind === "quote" || kind === "brace") return;
    this.#words = [];
    this.#wordStart = undefined;
  }

  #leave(width: number): void {
    const frame = this.#frames.pop();
    this.#words = frame?.words ?? [];
    this.#wordStart = frame?.wordStart;
    this.#at += width;
  }

  #endWord(): void {
    if (this.#wordStart === undefined) return;
    this.#words.push({ text: this.#text.slice(this.#wordStart, this.#at), start: this.#wordStart });
    this.#wordStart = undefined;
  }

  #endCommand(): void {
    this.#endWord();
    if (this.#words.length > 0) this.#commands.push({ words: this.#words, nested: this.#frames.length > 0 });
    this.#words = [];
  }
}

/** `<<END`, `<<-END`, `<<'END'`, and not `<<<`. */
const HERE_DOCUMENT = /<<(?!<)(-?)[ \t]*(['"\\]?)([^\s'"\\;&|<>()]+)['"]?/y;
const OPERATOR = /<<<|[<>]{1,2}[&|]?/y;
