import { EVENT_SCHEMA_VERSION, isSectionName, PHASES, SECTION_PHASES, type PhaseCode } from "@loom/core";
import type { ViolationCode } from "../report/violation.ts";
import { quote } from "./quote.ts";

type Json = { readonly [key: string]: unknown };

/** A word of a phase record that is not in the vocabulary. */
export function unknownWord(
  json: Json,
): { readonly code: ViolationCode; readonly message: string } | undefined {
  const { schema_version: version, phase_code: code, scope, phase_family: family, section } = json;
  if (version !== EVENT_SCHEMA_VERSION) {
    return { code: "unknown_event", message: `The schema version ${quote(version)} is not known` };
  }
  if (!isPhaseCode(code)) {
    return { code: "unknown_phase", message: `The phase ${quote(code)} is not known` };
  }
  if (scope !== PHASES[code].scope || family !== PHASES[code].family) {
    const { scope: right, family: rightFamily } = PHASES[code];
    const found = `scope ${quote(scope)} and family ${quote(family)}`;
    const message = `"${code}" has the scope "${right}" and the family "${rightFamily}", not ${found}`;
    return { code: "unknown_phase", message };
  }
  if (section !== undefined && !isSectionOf(code, section)) {
    return { code: "unknown_phase", message: `"${code}" has no section ${quote(section)}` };
  }
  return undefined;
}

function isSectionOf(code: PhaseCode, word: unknown): boolean {
  return typeof word === "string" && isSectionName(word) && SECTION_PHASES[word] === code;
}

/** Whether a word names a phase. */
export function isPhaseCode(word: unknown): word is PhaseCode {
  return typeof word === "string" && Object.hasOwn(PHASES, word);
}
