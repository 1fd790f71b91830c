import { STARTER_STAGES, type FoundEcosystem, type StarterJob } from "./starter-job.ts";

/** A starter workflow. */
export interface StarterWorkflow {
  /** The file, with its comments. */
  readonly text: string;
  /** Names of its jobs, in the order of the file. */
  readonly jobs: readonly string[];
}

/** How long a job may take: long enough for a project of some size, short enough to notice one that hangs. */
const TIMEOUTS: { readonly [S in StarterJob["stage"]]: string } = {
  setup: "15m",
  check: "15m",
  build: "30m",
  test: "30m",
};

/** What each key means, said where it is first used. */
const MEANINGS = {
  stage: ["The stage that the job belongs to."],
  needs: ["Jobs that must end first. `loom run --job NAME` runs them, too."],
  timeout: ["A job that takes longer is stopped and fails."],
  variables: ["Environment variables of the job."],
  cache: ["Files that are kept for the next run, until the lock file changes."],
  script: ["The steps. Each is run by sh in the folder of the project; the first that fails ends the job."],
} as const;

const NOTHING_FOUND: StarterJob = {
  name: "check",
  stage: "check",
  script: ['echo "Replace this line of .loom/workflow.yml with what checks your project"'],
  note: "Nothing was found that this file could be made from. Write your own commands as steps, such as `make test`.",
};

/** Writes the workflow for what was found; for nothing, one that runs and says what to write. */
export function composeStarter(found: readonly FoundEcosystem[]): StarterWorkflow {
  const known = found.length > 0 ? waitForOthers(uniqueNames(found)).flat() : [NOTHING_FOUND];
  const jobs = STARTER_STAGES.flatMap((stage) => known.filter((job) => job.stage === stage));
  const stages = STARTER_STAGES.filter((stage) => jobs.some((job) => job.stage === stage));
  const explained = new Set<string>();
  const head = [
    "# What `loom run` runs. `loom init` wrote it; change it as you like, and look at it with `loom check`.",
    "# All keys: https://github.com/loom-ci/loom/blob/main/docs/workflow.md",
    "",
    "# The version of this format.",
    "version: v1",
    "",
    "# Stages run one after another. Jobs of one stage run at the same time, in the same snapshot.",
    `stages: [${stages.join(", ")}]`,
    "",
    "# Every other key is a job.",
  ];
  const blocks = jobs.map((job) => formatJob(job, explained).join("\n"));
  return { text: `${head.join("\n")}\n${blocks.join("\n\n")}\n`, jobs: jobs.map(({ name }) => name) };
}

/** Said of a job that waits for those of other ecosystems. */
const WAITS = "Waits for the jobs of other tools, as a Makefile often calls them.";

interface JobsOf {
  readonly callsOthers: boolean;
  readonly jobs: readonly StarterJob[];
}

/** Puts the ecosystem in front of each name that more than one of them uses. */
function uniqueNames(found: readonly FoundEcosystem[]): readonly JobsOf[] {
  const uses = new Map<string, number>();
  for (const { name } of found.flatMap(({ jobs }) => jobs)) uses.set(name, (uses.get(name) ?? 0) + 1);
  return found.map(({ prefix, jobs, callsOthers = false }) => {
    const unique = (name: string): string => ((uses.get(name) ?? 0) > 1 ? `${prefix}-${name}` : name);
    const renamed = jobs.map((job) => ({
      ...job,
      name: unique(job.name),
      ...(job.needs !== undefined && { needs: job.needs.map(unique) }),
    }));
    return { callsOthers, jobs: renamed };
  });
}

/** Keeps apart, within a stage, what calls the commands of others: two of them would write the same files. */
function waitForOthers(all: readonly JobsOf[]): readonly (readonly StarterJob[])[] {
  const others = all.filter(({ callsOthers }) => !callsOthers).flatMap(({ jobs }) => jobs);
  return all.map(({ callsOthers, jobs }) =>
    jobs.map((job) => {
      const same = callsOthers ? others.filter(({ stage }) => stage === job.stage) : [];
      const needs = [...(job.needs ?? []), ...same.map(({ name }) => name)];
      if (needs.length === 0) return job;
      return { ...job, needs, ...(same.length > 0 && { note: WAITS }) };
    }),
  );
}

function formatJob(job: StarterJob, explained: Set<string>): string[] {
  const { name, stage, needs = [], variables, cache, script, note } = job;
  const key = (of: keyof typeof MEANINGS, ...lines: readonly string[]): string[] => {
    const meaning = explained.has(of) ? [] : MEANINGS[of].map((line) => `  # ${line}`);
    explained.add(of);
    return [...meaning, ...lines.map((line) => `  ${line}`)];
  };
  return [
    ...(note === undefined ? [] : [`# ${note}`]),
    `${name}:`,
    ...key("stage", `stage: ${stage}`),
    ...(needs.length > 0 ? key("needs", `needs: [${needs.join(", ")}]`) : []),
    ...key("timeout", `timeout: ${TIMEOUTS[stage]}`),
    ...(variables === undefined
      ? []
      : key(
          "variables",
          "variables:",
          ...Object.entries(variables).map(([variable, value]) => `  ${variable}: ${JSON.stringify(value)}`),
        )),
    ...(cache === undefined
      ? []
      : key(
          "cache",
          "cache:",
          `  paths: [${cache.paths.join(", ")}]`,
          `  key: { prefix: ${cache.prefix}, files: [${cache.lockFile}] }`,
        )),
    ...key("script", "script:", ...script.map((command) => `  - ${command}`)),
  ];
}
