import type { Reference } from "./reference.ts";

/** The kinds of JSON that Loom writes and has a schema for. */
export function schemasPage({ schemas }: Reference): string {
  const rows = schemas.map(({ name, help }) => `| \`${name}\` | ${help.replaceAll("<", "\\<")} |`);
  return `---
editLink: false
---

# JSON Schemas

\`loom schema NAME\` prints the JSON Schema of a document or of the output of a command. [The contract of a run](/reference/contract)
says what the fields mean.

| Name | Describes |
| --- | --- |
${rows.join("\n")}

The workflow file has a schema as well, for editors: [the workflow file](/reference/workflow#yaml) says where it is.
`;
}
