import { err, ok, type Result } from "@loom/core";
import { SHORT_GUIDE } from "../guide/agent-guide.ts";

const BEGIN = "<!-- loom:begin -->";
const END = "<!-- loom:end -->";

/** What a coding agent has to know, between two marks. */
export const AGENTS_SECTION = `${BEGIN}
${SHORT_GUIDE}${END}
`;

/**
 * The text of AGENTS.md with the section: in place of the one that is there, or at its end. All other text is as it was.
 *
 * @returns Why there can be none, as a clause.
 */
export function withAgentsSection(text: string): Result<string, string> {
  const begin = text.indexOf(BEGIN);
  if (begin === -1)
    return ok(text === "" ? AGENTS_SECTION : `${text}${text.endsWith("\n") ? "" : "\n"}\n${AGENTS_SECTION}`);
  const end = text.indexOf(END, begin);
  if (end === -1) return err(`its section about Loom has no end. Put ${END} behind it`);
  return ok(text.slice(0, begin) + AGENTS_SECTION.trimEnd() + text.slice(end + END.length));
}
