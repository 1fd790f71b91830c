import { readSettings, type ExplainedSetting } from "./read-settings.ts";
import type { Reference } from "./reference.ts";

/** Every setting, as the file explains them that `loom config init` writes. */
export function configurationPage({ configuration }: Reference): string {
  return `---
editLink: false
---

# Configuration

Loom needs no configuration. Where you want another default than a flag has, a file keeps it:

| File | Holds |
| --- | --- |
| \`.loom/config.yml\` | settings of a project, for all who work on it |
| \`~/.config/loom/config.yml\` | your own, for all projects; below \`XDG_CONFIG_HOME\` where that is set |

A flag beats a variable of the environment, a variable beats the file of the project, and that file beats yours.
[\`loom config show\`](/reference/command-line#loom-config-show) prints each setting with its value and where it comes from.

## The settings

| Key | Default, or for example | Means |
| --- | --- | --- |
${readSettings(configuration)
  .filter(({ value, meaning }) => value !== "" || meaning !== "")
  .map(rowOf)
  .join("\n")}

## The file

[\`loom config init\`](/reference/command-line#loom-config-init) writes this file, and \`loom config init --user\` yours:

\`\`\`yaml
${configuration.trim()}
\`\`\`

## What is set elsewhere

- How the output looks: [environment variables and flags of the live view](/guides/live-view#environment-variables-and-flags).
- How workers are reached, and who may do what: [many machines](/guides/machines#who-may-do-what).
- Where KeePass databases are: [secrets](/reference/workflow#secrets).
- Which variables a step finds: [variables](/reference/workflow#variables).
`;
}

function rowOf({ key, value, isExample, meaning }: ExplainedSetting): string {
  const shown = value === "" ? "" : `${isExample ? "such as " : ""}\`${value}\``;
  return `| \`${key}\` | ${shown} | ${(meaning === "" ? "with the one above" : meaning).replaceAll(/[|<*_]/gu, String.raw`\$&`)} |`;
}
