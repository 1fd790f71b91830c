/** A value read from the text, and where it ends. */
export interface PlainScalar {
  readonly value: string | number | boolean | null;
  /** Exclusive offset of what was written, quotes included, trailing blanks not. */
  readonly end: number;
}

/** Where a scalar may end besides the end of its line: anywhere in brackets, nowhere else. */
export type ScalarContext = "line" | "flow";

/**
 * Reads a scalar that ends on its line: in quotes, or plain.
 *
 * @param lineEnd - Exclusive offset of the line.
 * @returns Undefined for whatever is not as simple as that.
 */
export function readPlainScalar(
  text: string,
  start: number,
  { lineEnd, context }: { readonly lineEnd: number; readonly context: ScalarContext },
): PlainScalar | undefined {
  // Nothing is searched for beyond the line, or a long file would cost the square of its length.
  const rest = text.slice(start, lineEnd);
  const [first = ""] = rest;
  if (first === '"') return readDoubleQuoted(rest, start);
  if (first === "'") return readSingleQuoted(rest, start);
  if ("?:,[]{}#&*!|>%@`".includes(first) || /^-(?: |$)/.test(rest)) return undefined;
  let written = context === "flow" ? rest.slice(0, flowEnd(rest)) : rest;
  const comment = written.indexOf(" #");
  if (comment !== -1) {
    if (context === "flow") return undefined;
    written = written.slice(0, comment);
  }
  written = trimBlanks(written);
  if (written === "" || written.endsWith(":") || written.includes(": ")) return undefined;
  const value = resolveWord(written);
  return value === undefined ? undefined : { value, end: start + written.length };
}

/** Without the blanks at its end. A regular expression would start over at each of many blanks. */
function trimBlanks(written: string): string {
  let end = written.length;
  while (end > 0 && written.charCodeAt(end - 1) === 32) end -= 1;
  return written.slice(0, end);
}

function flowEnd(rest: string): number {
  const end = rest.search(/[,[\]{}]/);
  return end === -1 ? rest.length : end;
}

/** Numbers in other than a few decimal digits, and the tilde. Source: YAML 1.2, 10.3.2. */
const OTHER_NUMBER =
  /^(?:~|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)$/;

/** The value of a plain scalar by the core schema; undefined for numbers in other than decimal digits. */
function resolveWord(written: string): string | number | boolean | null | undefined {
  switch (written) {
    case "null":
    case "Null":
    case "NULL":
      return null;
    case "true":
    case "True":
    case "TRUE":
      return true;
    case "false":
    case "False":
    case "FALSE":
      return false;
    default:
      break;
  }
  if (!/^[-+.~0-9]/.test(written)) return written;
  if (/^[-+]?[0-9]{1,15}$/.test(written)) return Number(written);
  return OTHER_NUMBER.test(written) ? undefined : written;
}

function readDoubleQuoted(rest: string, start: number): PlainScalar | undefined {
  const close = rest.indexOf('"', 1);
  if (close === -1) return undefined;
  const value = rest.slice(1, close);
  // Escapes are left to the library.
  return value.includes("\\") ? undefined : { value, end: start + close + 1 };
}

function readSingleQuoted(rest: string, start: number): PlainScalar | undefined {
  let close = rest.indexOf("'", 1);
  while (close !== -1 && rest.charAt(close + 1) === "'") close = rest.indexOf("'", close + 2);
  if (close === -1) return undefined;
  return { value: rest.slice(1, close).replaceAll("''", "'"), end: start + close + 1 };
}
