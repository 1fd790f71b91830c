import { anchorOf } from "../markdown-sections.ts";
import type { DescribedCommand, DescribedOption, Reference } from "./reference.ts";

/** Every command with its flags and its example, as the program describes them. */
export function commandLinePage({ commands }: Reference): string {
  const list = commands.map(
    ({ name, description }) =>
      `| [\`loom ${name}\`](#${anchorOf(`loom ${name}`)}) | ${inCell(description)} |`,
  );
  return `---
editLink: false
outline: 2
---

# Command line

This page is written from the program's own definitions, when the site is built. In a terminal, \`loom --help\` lists the commands and
\`loom help COMMAND\` shows one. [Commands at a glance](/reference/commands) tells how to name a run, and what the exit codes mean.

| Command | Does |
| --- | --- |
${list.join("\n")}

${commands.map(commandSection).join("\n")}`;
}

function commandSection({ name, usage, description, notes, options }: DescribedCommand): string {
  const rows = options.map((option) => `| ${code(option.flags)} | ${meaning(option)} |`);
  const flags = rows.length === 0 ? "" : `| Flag | Does |\n| --- | --- |\n${rows.join("\n")}\n`;
  const examples = [...notes.matchAll(/^ {2}\$ (?<line>.*)$/gmu)].map(({ groups }) => groups?.["line"] ?? "");
  const words = notes
    .split("\n")
    .filter((line) => line !== "" && !/^(?:Examples?:| {2}\$ )/u.test(line))
    .join("\n");
  return `## loom ${name}

${asSentence(description)}

\`\`\`text
${usage}
\`\`\`

${words}

${flags}
${examples.length === 0 ? "" : `For example:\n\n\`\`\`sh\n${examples.join("\n")}\n\`\`\`\n`}`;
}

function meaning(option: DescribedOption): string {
  const choices = option.choices.length === 0 ? "" : `: ${option.choices.map(code).join(", ")}`;
  const byDefault = option.default === undefined ? "" : ` (default: ${code(option.default)})`;
  return `${inCell(option.description)}${choices}${byDefault}`;
}

function code(text: string): string {
  return `\`${text.replaceAll("|", "\\|")}\``;
}

function inCell(text: string): string {
  return plain(text).replaceAll("|", "\\|");
}

/** Text of the program is no Markdown. */
function plain(text: string): string {
  return text.replaceAll(/[\\*_<>[\]`]/gu, String.raw`\$&`);
}

function asSentence(text: string): string {
  return `${plain(text.charAt(0).toUpperCase())}${plain(text.slice(1))}.`;
}
