/** A sentence for agents. */
interface Advice {
  readonly text: string;
  /** Whether the section of `AGENTS.md` says it, too. */
  readonly isShort?: true;
}

/** Which command when: the guide and the section of `AGENTS.md` are made from it. */
const ADVICE: readonly Advice[] = [
  {
    text: "Before you hand over a change, run `loom run`. Exit code 0 means that every check passed.",
    isShort: true,
  },
  {
    text: "After a failure, run `loom explain --json`: it names the job and the step, the errors, and the file to open next.",
    isShort: true,
  },
  { text: "To see what the failed job printed, run `loom logs last JOB --tail 50`.", isShort: true },
  { text: "To repeat one job and what it needs, run `loom run --job JOB`.", isShort: true },
  { text: "To repeat what did not succeed, run `loom run --retry-failed`." },
  { text: "After a change to the workflow, run `loom check`; `loom run --dry-run` shows the plan." },
  { text: "What changed since the run before: `loom diff`. Earlier runs: `loom runs`." },
  { text: "A run under way: `loom ctl state`, and to stop it `loom ctl cancel`." },
  {
    text: "To mend a failure where it happened: `loom run --pause-exit`, `loom ctl shell JOB < script`, `loom ctl retry-step JOB`.",
  },
  { text: "What does not work on this machine: `loom doctor`." },
  { text: "The shape of a JSON document: `loom schema`. The same as tools: `loom mcp`." },
];

const WHAT = "Loom runs the checks of this repository; `.loom/workflow.yml` says what they are.";

/** What `loom guide` prints: how to use Loom as an agent, in at most 2,048 bytes. */
export const AGENT_GUIDE: string = `# Loom for agents

${WHAT}

## Which command when

${listed(ADVICE)}

## Exit codes

0 success; 1 a failure, or an invalid workflow; 2 wrong use, and the message says what to do; 77 the run goes on with jobs that are held; 129, 130, 143 stopped by a signal; 70 a bug in Loom.

## The four files

The last line of a run names its receipt. In its \`logs_dir\` are, in the order to open them:

1. \`pipeline/summary.json\`: how the run ended
2. \`pipeline/manifest.json\`: its jobs, and which failed
3. \`jobs/JOB/manifest.json\`: the steps of a job, and \`failing_events_path\`
4. that file: what the failing step printed

## Budgets

Under an agent, \`loom run\` prints at most 40 lines and 4 KiB, after a success 3 lines. \`loom explain --json\` and each answer of \`loom mcp\` are less than 4 KiB. Logs have no limit: use \`--tail\` or \`--grep\`.
`;

/** What the section of `AGENTS.md` says. */
export const SHORT_GUIDE: string = `## Checks

${WHAT}

${listed(ADVICE.filter(({ isShort }) => isShort))}
- For more, run \`loom guide\`.
`;

function listed(advice: readonly Advice[]): string {
  return advice.map(({ text }) => `- ${text}`).join("\n");
}
