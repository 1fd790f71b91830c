/** What to say to a key, or how to find it out from the keys that are allowed. */
type Sentence = string | ((allowed: readonly string[]) => string);

const NOTHING_LOCAL = "it means nothing in a run on this machine";
const TO_VARIABLES = (key: string): string => `rename ${key} to variables`;
const TO_NEEDS = (key: string): string => `rename ${key} to needs`;
const TO_SCRIPT = (key: string): string => `rename ${key} to script, a list of commands`;
const WITHOUT = (key: string): string => `remove ${key}: ${NOTHING_LOCAL}`;
const IN_SCRIPT = (key: string): string => `remove ${key}, and test it in the script`;

/** What to do about an include from elsewhere, whatever else it says. */
export const ONLY_LOCAL =
  "copy that file below .loom/templates/, and include it from there with local: nothing else can be included";
const ONLY_IF = "write a condition with if instead: only rules of jobs know this key";

const TO_RULES = (key: string): string => `write rules instead of ${key}: a list of {if: CONDITION}`;
const product =
  (key: string): Sentence =>
  (allowed) =>
    allowed.includes("matrix")
      ? `write matrix instead of ${key}: a list such as - {NODE: ["22", "24"]}`
      : `write a job for each value instead of ${key}: {extends: NAME, variables: {NODE: "24"}}`;
const label =
  (key: string): Sentence =>
  (allowed) =>
    allowed.includes("title") ? `rename ${key} to title` : `make ${key} a comment: # starts one`;

/**
 * What the keys of other tools are here, by the mapping they stand in: GitLab,
 * GitHub Actions, Taskfiles and docker-compose.
 */
const FOREIGN_KEYS: Readonly<Record<string, Readonly<Record<string, Sentence>>>> = {
  root: {
    // GitHub Actions
    on: "remove on: whoever calls loom run decides when, and rules under workflow whether",
    jobs: "move each job under jobs to the root: there is no key above them",
    name: "make name a comment: # starts one",
    "run-name": "make run-name a comment: # starts one",
    env: TO_VARIABLES("env"),
    permissions: "remove permissions: jobs have yours",
    concurrency: WITHOUT("concurrency"),
    // Taskfile
    tasks: "move each task to the root as a job, with cmds as script and deps as needs",
    vars: TO_VARIABLES("vars"),
    dotenv: "write the variables of these files under variables, or under secrets",
  },
  job: {
    // GitLab
    only: TO_RULES("only"),
    except: TO_RULES("except"),
    tags: "rename tags to runner_pool, or remove it: jobs run on this machine",
    dependencies: TO_NEEDS("dependencies"),
    parallel: product("parallel"),
    interruptible: WITHOUT("interruptible"),
    environment:
      "remove environment, or rename it to variables if it holds some: deployments mean nothing here",
    coverage: WITHOUT("coverage"),
    release: WITHOUT("release"),
    pages: WITHOUT("pages"),
    id_tokens: "name what the job may know under secrets instead of id_tokens",
    resource_group: (allowed) =>
      allowed.includes("resource") ? "rename resource_group to resource" : WITHOUT("resource_group"),
    trigger: "remove trigger: put the jobs of that pipeline into this file, or into a template",
    inherit: "remove inherit, and write null to drop what default gives, such as cache: null",
    start_in: WITHOUT("start_in"),
    // GitHub Actions
    "runs-on": "remove runs-on: jobs run on this machine, or in a container of their image",
    steps: TO_SCRIPT("steps"),
    uses: "write the commands of this action under script: nothing runs actions here",
    with: "set these values under variables",
    env: TO_VARIABLES("env"),
    "continue-on-error": "rename continue-on-error to allow_failure",
    "timeout-minutes": "write timeout with a unit instead of timeout-minutes, such as timeout: 10m",
    container: "rename container to image",
    strategy: product("strategy"),
    if: TO_RULES("if"),
    name: label("name"),
    permissions: "remove permissions: jobs have yours",
    concurrency: WITHOUT("concurrency"),
    outputs: "write these values to a file that later jobs read, and name it under artifacts",
    // Taskfile
    cmds: TO_SCRIPT("cmds"),
    cmd: TO_SCRIPT("cmd"),
    deps: TO_NEEDS("deps"),
    desc: label("desc"),
    summary: label("summary"),
    vars: TO_VARIABLES("vars"),
    dir: "write dir in the steps that need it: - {run: npm test, dir: web}",
    sources: "write rules instead of sources: a list of {changes: [GLOB]}",
    generates: "name what the job makes under artifacts, or under cache",
    status: IN_SCRIPT("status"),
    preconditions: IN_SCRIPT("preconditions"),
    ignore_error: "rename ignore_error to allow_failure",
    silent: WITHOUT("silent"),
    label: label("label"),
    dotenv: "write the variables of these files under variables, or under secrets",
    prompt: "write when: manual instead of prompt: the job waits until it is asked for",
    requires: IN_SCRIPT("requires"),
    method: WITHOUT("method"),
    platforms: WITHOUT("platforms"),
    // docker-compose
    depends_on: TO_NEEDS("depends_on"),
    command: TO_SCRIPT("command"),
    build: "write image instead of build: {name: NAME, build: {context: .}}",
    restart: "write retry instead of restart: how often a failed job starts again, such as retry: 2",
    env_file: "write the variables of these files under variables, or under secrets",
    working_dir: "write dir in the steps that need it: - {run: npm test, dir: web}",
    volumes: "remove volumes: a job has the files of its workspace, and what it keeps stands under cache",
    ports: "remove ports: a job reaches its services at their names",
    internal: "start the name of the job with a dot instead of internal: it is a template then",
  },
  step: {
    // GitHub Actions
    uses: "write the commands of this action instead: nothing runs actions here",
    with: "set these values under variables",
    env: TO_VARIABLES("env"),
    "working-directory": "rename working-directory to dir",
    "timeout-minutes": "write timeout with a unit instead of timeout-minutes, such as timeout: 10m",
    "continue-on-error": "rename continue-on-error to allow_failure",
    id: "rename id to name",
    // Taskfile
    cmd: "rename cmd to run",
    ignore_error: "rename ignore_error to allow_failure",
    task: "write the commands of this task instead, or make it a job and name it in needs",
  },
  need: {
    parallel: 'write matrix instead of parallel: a mapping such as {NODE: "24"}',
    project: "remove project: only jobs of this workflow can be needed",
    pipeline: "remove pipeline: only jobs of this workflow can be needed",
    ref: "remove ref: only jobs of this workflow can be needed",
  },
  artifacts: {
    expire_in: "remove expire_in: artifacts stay until loom clean removes their run",
    name: "remove name: artifacts are kept under the name of their job",
    expose_as: WITHOUT("expose_as"),
    public: WITHOUT("public"),
    access: WITHOUT("access"),
    untracked: "name the files under paths instead of untracked",
    junit: "move junit under reports: {junit: [GLOB]}",
    path: "rename path to paths, a list",
  },
  reports: {
    coverage_report: "remove coverage_report, and name the file under paths: only junit is read",
    codequality: "remove codequality, and name the file under paths: only junit is read",
  },
  service: {
    // GitLab
    pull_policy: WITHOUT("pull_policy"),
    // GitHub Actions and docker-compose
    image: "rename image to name",
    env: TO_VARIABLES("env"),
    environment: TO_VARIABLES("environment"),
    hostname: "rename hostname to alias",
    container_name: "rename container_name to alias",
    ports: "remove ports: the job reaches this service at its name or its alias",
    volumes: "remove volumes: a service starts anew for each job",
    depends_on: "remove depends_on: services start together, before the job",
    restart: WITHOUT("restart"),
    options: "write healthcheck instead of options: {test: COMMAND}",
  },
  image: { image: "rename image to name" },
  secret: {
    vault: "write ref instead of vault: where this machine has the secret, such as env://NAME",
  },
  include: Object.fromEntries(
    ["remote", "project", "template", "component", "file"].map((key) => [key, ONLY_LOCAL]),
  ),
  rule: {
    changes: ONLY_IF,
    exists: ONLY_IF,
    variables: ONLY_IF,
    start_in: WITHOUT("start_in"),
    needs: "remove needs: a job needs the same jobs whatever rule holds",
  },
  retry: { when: "rename when to on: a list of failure, timeout, provider and worker" },
};

/** What a key of another tool is here, if it is one. */
export function foreignKeyFix(whose: string, key: string, allowed: readonly string[]): string | undefined {
  const rows = FOREIGN_KEYS[whose === "default" ? "job" : whose];
  const row = rows !== undefined && Object.hasOwn(rows, key) ? rows[key] : undefined;
  return typeof row === "function" ? row(allowed) : row;
}

/** Which key of a job another tool has under this name. */
export function ownNameOf(foreign: string): string | undefined {
  const fix = foreignKeyFix("job", foreign, []);
  return fix === undefined ? undefined : /^rename \S+ to (\w+)/.exec(fix)?.[1];
}
