import { err, ok, type Result } from "@loom/core";
import { RE2JS, RE2JSSyntaxException } from "re2js";
import type { LinePattern } from "./log-line.ts";
import { requiredLiteral } from "./required-literal.ts";

/**
 * Reads a regular expression for lines.
 *
 * Source of the rules: RE2, https://github.com/google/re2/wiki/Syntax.
 *
 * @returns The pattern, or why it is none: a clause for people.
 */
export function linePattern(
  text: string,
  options: { readonly ignoreCase?: boolean | undefined } = {},
): Result<LinePattern, string> {
  try {
    const compiled = RE2JS.compile(text, options.ignoreCase === true ? RE2JS.CASE_INSENSITIVE : 0);
    const ignoresCase = options.ignoreCase === true;
    const isLiteral = /^[\w ,;:=%@#&<>~'/-]+$/.test(text);
    const literal = isLiteral ? text : requiredLiteral(text);
    return ok({
      matches: (line) => compiled.matcher(line).find(),
      ...(literal !== undefined && { literal, isLiteral, ignoresCase }),
    });
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    return err(`${error.error} in "${String(error.input ?? text)}"`);
  }
}
