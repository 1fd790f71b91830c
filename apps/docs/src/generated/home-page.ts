import { sectionsOf } from "../markdown-sections.ts";
import { ADDRESS } from "../repository.ts";

const DOORS = [
  {
    to: "/start/install",
    title: "Start",
    text: "Install Loom, run a first pipeline, read why a job failed.",
  },
  {
    to: "/guides/import",
    title: "Guides",
    text: "Come from GitLab CI, use caches, containers and secrets, work with agents.",
  },
  {
    to: "/reference/workflow",
    title: "Reference",
    text: "Every key of the workflow, every command, every file and event of a run.",
  },
  {
    to: "/packages/",
    title: "Packages",
    text: "The libraries that Loom is made of, for programs of your own.",
  },
];

/** The start page. What it says of Loom and its picture come from README.md, how to install it from docs/install.md. */
export function homePage(readme: string, install: string): string {
  const sections = sectionsOf(readme);
  const [, sentence = ""] = /^# .*\n\n(?<first>[^]*?[.])(?:\s)/u.exec(sections[0]?.text ?? "") ?? [];
  const [picture = ""] = /^!\[.*\]\(.*\)$/mu.exec(readme) ?? [];
  const [, commands = ""] = /```sh\n(?<code>[^]*?)```/u.exec(install) ?? [];
  if (sentence === "" || picture === "" || commands === "")
    throw new Error("README.md lacks its first sentence or its picture, or docs/install.md its commands");
  const doors = DOORS.map(
    ({ to, title, text }) => `<a class="door" href="${to}"><strong>${title}</strong><span>${text}</span></a>`,
  );
  return `---
layout: home
title: Loom
titleTemplate: ":title"
editLink: false
hero:
  name: Loom
  tagline: ${JSON.stringify(sentence.replaceAll("\n", " "))}
  actions:
    - { theme: brand, text: Start, link: /start/install }
    - { theme: alt, text: Questions, link: /questions }
    - { theme: alt, text: The repository, link: "${ADDRESS}" }
---

<div class="film">

${picture}

</div>

<div class="beginning">
<div>

**Install**, in a clone, after \`npm start\`:

\`\`\`sh
${commands.trim()}
\`\`\`

</div>
<div>

**Run**, in your project:

\`\`\`sh
loom init    # write a workflow that fits the project
loom         # run it
\`\`\`

</div>
</div>

<nav class="doors" aria-label="Where to go">
${doors.join("\n")}
</nav>
`;
}
