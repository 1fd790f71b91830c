const BEGIN = "<!-- loom:begin -->";
const END = "<!-- loom:end -->";

/** What a coding agent has to know, between two marks. */
export const AGENTS_SECTION = `${BEGIN}
## Checks

Loom runs the checks of this repository; \`.loom/workflow.yml\` says what they are.

- Before you hand over a change, run \`loom run\`. Exit code 0 means that every check passed.
- After a failure, run \`loom explain --json\`: it names the job and the step, and the file to open next.
- To see what the failed job printed, run \`loom logs last JOB --tail 50\`.
- To repeat one job and what it needs, run \`loom run --job JOB\`.
${END}
`;

/** The text of AGENTS.md with the section at its end; undefined if it is there already. */
export function withAgentsSection(text: string): string | undefined {
  if (text.includes(BEGIN)) return undefined;
  if (text === "") return AGENTS_SECTION;
  return `${text}${text.endsWith("\n") ? "" : "\n"}\n${AGENTS_SECTION}`;
}
