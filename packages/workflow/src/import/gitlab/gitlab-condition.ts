import { err, ok, type Result } from "@loom/core";
import { parseCondition } from "../../rules/parse-condition.ts";

/** Longest condition that is looked at; public configurations stay below 1,000. */
const MAX_LENGTH = 10_000;

/**
 * Writes a condition of GitLab as one of a workflow.
 *
 * @param valueOf - The value of a root variable, which may hold a regular expression.
 * @returns Why it cannot be said, as a clause.
 */
export function gitlabCondition(
  text: string,
  valueOf: (name: string) => string | undefined,
): Result<string, string> {
  if (text.length > MAX_LENGTH) return err(`a condition has at most ${MAX_LENGTH} characters`);
  let written = "";
  const part = /'([^']*)'|"([^"]*)"|\/(?:\\.|[^/\\])+\/[A-Za-z]*|\$\{?\w+\}?|\s+|[^\s'"/$]+|[\s\S]/gy;
  for (const match of text.matchAll(part)) {
    const [word, single, double] = match;
    const literal = single ?? double;
    const afterMatch = /[=!]~\s*$/.test(written);
    if (literal !== undefined) {
      const isPattern = afterMatch && /^\/.*\/[a-z]*$/s.test(literal);
      written += isPattern ? literal : `"${literal.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
    } else if (word.startsWith("$") && afterMatch) written += valueOf(word.replaceAll(/[${}]/g, "")) ?? word;
    else if (/^\s+$/.test(word)) written += " ";
    else written += word;
  }
  written = written.trim();
  const parsed = parseCondition(written);
  return parsed.ok ? ok(written) : err(parsed.error.message);
}
