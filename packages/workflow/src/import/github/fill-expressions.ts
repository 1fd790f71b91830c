import { knownValue, textOfConstant, type KnownValue, type Values } from "./known-value.ts";
import { parseExpression } from "./parse-expression.ts";

/** A text with its expressions put in, or the first one that is not known here. */
export type Filled =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly unknown: string };

/** How a text is read by whoever gets it. */
export interface FillForm {
  /** How the literal parts are written. */
  readonly literal: (text: string) => string;
  /** How a variable is written; `quoted`: within single quotes of the text so far. */
  readonly variable: (name: string, quoted: boolean) => string;
  /** Whether a shell reads it. */
  readonly isShell?: true;
}

/** Values of variables, in which `$$` is a dollar sign. */
export const AS_VALUE: FillForm = {
  literal: (text) => text.replaceAll("$", "$$$$"),
  variable: (name) => `\${${name}}`,
};

/** Names, paths and keys. */
export const AS_TEXT: FillForm = { literal: (text) => text, variable: (name) => `$${name}` };

/** Folders. */
export const AS_FOLDER: FillForm = { literal: (text) => text, variable: (name) => `\${${name}}` };

/** Commands. */
export const AS_COMMAND: FillForm = {
  literal: (text) => text,
  variable: (name, quoted) => (quoted ? `'"\${${name}}"'` : `\${${name}}`),
  isShell: true,
};

/** Text between double quotes in a command. */
export const AS_QUOTED: FillForm = {
  literal: (text) => text.replaceAll(/[\\"$`]/g, String.raw`\$&`),
  variable: (name) => `\${${name}}`,
  isShell: true,
};

/** Puts what each `${{ }}` stands for into a text. */
export function fillExpressions(text: string, values: Values, form: FillForm): Filled {
  let filled = "";
  let from = 0;
  let quoted = false;
  for (;;) {
    const start = text.indexOf("${{", from);
    const end = start === -1 ? -1 : text.indexOf("}}", start);
    if (end === -1) break;
    const before = text.slice(from, start);
    quoted = endsQuoted(before, quoted);
    filled += form.literal(before);
    from = end + 2;
    const parsed = parseExpression(text.slice(start + 3, end).trim());
    const value = parsed === undefined ? undefined : knownValue(parsed, values);
    if (value === undefined)
      return {
        ok: false,
        unknown: text.slice(start, from).slice(0, 500).replaceAll(/\s+/g, " ").slice(0, 120),
      };
    const written = writtenAs(value, form, quoted);
    if (written === undefined)
      return {
        ok: false,
        unknown: text.slice(start, from).slice(0, 500).replaceAll(/\s+/g, " ").slice(0, 120),
      };
    filled += written;
  }
  return { ok: true, text: filled + form.literal(text.slice(from)) };
}

function writtenAs(value: KnownValue, form: FillForm, quoted: boolean): string | undefined {
  if (value.kind === "constant") return form.literal(textOfConstant(value.value));
  const { name, before, after, otherwise } = value;
  const around = (written: string): string => form.literal(before) + written + form.literal(after);
  if (otherwise === undefined) return around(form.variable(name, quoted));
  const instead = form.isShell && !quoted ? writtenAs(otherwise, AS_QUOTED, false) : undefined;
  return instead === undefined ? undefined : `\${${name}:-${instead}}`;
}

/** Whether a piece of a script ends within single quotes. */
function endsQuoted(text: string, isOpen: boolean): boolean {
  let single = isOpen;
  let double = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (single) single = character !== "'";
    else if (character === "\\") at += 1;
    else if (character === '"') double = !double;
    else if (double) continue;
    else if (character === "'") single = true;
    else if (character === "#" && /^$|\s/.test(text.charAt(at - 1))) {
      const end = text.indexOf("\n", at);
      at = end === -1 ? text.length : end;
    }
  }
  return single;
}
