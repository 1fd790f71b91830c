import { readFileSync, statSync } from "node:fs";
import { systemErrorReason } from "@loom/system";

/** Variables in a file, and what a person should know of it. */
export interface Dotenv {
  readonly variables: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

/** Most bytes of a file, and most variables in it. Source: our own; GitLab's limits are 5 KB and 150. */
const MAX_BYTES = 64 * 1024;
const MAX_VARIABLES = 1_000;

/**
 * Reads `NAME=value` lines. A value may be in quotes, which are left out; a line that is empty or begins with `#` is none. Values
 * mean what they say: nothing in them is expanded.
 *
 * @param path - Absolute.
 * @param shown - What warnings call it.
 */
export function readDotenv(path: string, shown: string): Dotenv {
  const refuse = (why: string): Dotenv => ({
    variables: {},
    warnings: [`No variables are taken from "${shown}": ${why}`],
  });
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > MAX_BYTES) return refuse(`it has more than ${MAX_BYTES / 1024} KiB`);
    text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    return refuse(cause instanceof TypeError ? "it is not text in UTF-8" : systemErrorReason(cause));
  }
  const variables: Record<string, string> = {};
  const wrong: number[] = [];
  for (const [index, line] of text.split(/\r?\n/u).entries()) {
    if (/^\s*(?:#|$)/u.test(line)) continue;
    const [, name, value = ""] = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/u.exec(line) ?? [];
    if (name === undefined || value.includes("\0")) wrong.push(index + 1);
    else variables[name] = withoutQuotes(value.trim());
  }
  if (Object.keys(variables).length > MAX_VARIABLES)
    return refuse(`it has more than ${MAX_VARIABLES} variables`);
  const some = wrong.slice(0, 5).join(", ");
  const warnings = wrong.length === 0 ? [] : [`Not NAME=value in "${shown}", and left out: line ${some}`];
  return { variables, warnings };
}

function withoutQuotes(value: string): string {
  const [, , inner] = /^(["'])(.*)\1$/u.exec(value) ?? [];
  return inner ?? value;
}
