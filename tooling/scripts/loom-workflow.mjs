import { CHECKS, STAGES } from "./checks.mjs";

const HEAD = `# yaml-language-server: $schema=../packages/workflow/schema/workflow-v1.schema.json
# The checks of this repository, run by what it builds: \`npm run loom\`.
# Made from tooling/scripts/checks.mjs by \`node tooling/scripts/loom-workflow.mjs > .loom/workflow.yml\`.
version: v1
stages: [setup, ${STAGES.join(", ")}]

variables:
  NPM_CONFIG_UPDATE_NOTIFIER: "false"
  TURBO_TELEMETRY_DISABLED: "1"

install:
  stage: setup
  script:
    - npm run --silent setup
`;

/** This repository's workflow, with a job for each check. */
export function loomWorkflow() {
  const jobs = CHECKS.map(
    ({ name, stage }) => `
${name}:
  stage: ${stage}
  script:
    - npm run --silent check -- ${name}
`,
  );
  return `${HEAD}${jobs.join("")}`;
}

if (import.meta.main) process.stdout.write(loomWorkflow());
