import { expect, test } from "vitest";
import { compileWorkflow } from "../src/index.ts";

/** What a person wrote, and everything that is said about it: place, path and message. */
type Row = readonly [what: string, text: string, said: readonly string[]];

const HEAD = "version: v1\nstages: [build]\n";
const job = (...lines: readonly string[]): string => `${HEAD}build:\n  stage: build\n${lines.join("\n")}\n`;
const step = (command: string): string => job("  script:", `    - ${command}`);

const SHARE = "anchors and aliases are not allowed; share settings with extends";

const syntax: readonly Row[] = [
  [
    "a colon is missing before a mapping",
    `version: v1\nstages: [build]\nvariables {A: "b"}\nbuild: {stage: build, script: [make]}\nlint: {stage: build, script: [x]}\n`,
    ['3:1 /: put a colon after "variables"'],
  ],
  [
    "a colon is missing before a list",
    "version: v1\nstages [build]\n",
    ['2:1 /: put a colon after "stages"'],
  ],
  ["a file pattern as a command", step("*.tar.gz"), ["6:7 /: put this in quotes: it starts with *"]],
  [
    "a test as a command",
    step("[ -f x ] && make"),
    ["6:7 /: put the whole command in quotes: it starts with ["],
  ],
  ["! as a command", step("! grep x y"), ["6:7 /: put this in quotes: it starts with !"]],
  ["a tab before a key", job("\tscript: [make]"), ["5:1 /: indent with spaces instead of tabs"]],
  ["tabs before dashes", job("  script:", "\t- a", "\t- b"), ["6:1 /: indent with spaces instead of tabs"]],
  ["one space too many", job("   script: [make]"), ["5:4 /: indent this by 2 spaces, as the line above"]],
  [
    "a colon in a value",
    job("  script: [x]", "  variables:", "    MSG: error: none"),
    ['7:10 /: put this value in quotes: it contains ": "'],
  ],
  [
    "a comment inside a folded command",
    job("  script:", "    - docker run", "        # why", "        image", "    - x"),
    ["7:9 /: move this comment out: the command ends at it"],
  ],
  ["a bracket too many", job("  script: [make]]"), ["5:17 /: remove this ]: it closes nothing"]],
  [
    "text behind a quoted command",
    step('"make" test'),
    ['6:14 /: put the whole value in quotes, or remove what follows the "'],
  ],
  [
    "the key of a job is missing",
    `${job("  script: [x]")}  stage: build\n  script: [y]\n`,
    ['6:3 /build/stage: add the key that this belongs under, or remove the duplicate keys "stage", "script"'],
  ],
  [
    "anchors, aliases and tags hide nothing",
    `${HEAD}.t: &t\n  stage: build\n  scrpt: [x]\nbuild:\n  <<: *t\n  whn: always\nunit: {stage: build, script: !reference [.t, script]}\nlint: {stage: build, script: *x, image: *t}\n`,
    [
      `3:5 /: remove the anchor: ${SHARE}`,
      '5:3 /.t/scrpt: rename unknown job key "scrpt" to script',
      "7:7 /: write extends: .t instead of <<: *t",
      '8:3 /build/whn: rename unknown job key "whn" to when',
      "9:30 /: inherit with extends: .t instead of !reference",
      "10:30 /: put this in quotes: it starts with *",
      `10:41 /: write the value out: ${SHARE}`,
    ],
  ],
];

const START = "start with version: v1 and stages";
const GITLAB = `this is a GitLab pipeline: ${START}, then go through the jobs; settings of the root go into default`;
const NOTHING = "it means nothing in a run on this machine";
const BUILD = "build: {stage: build, script: [make]}\n";

const foreign: readonly Row[] = [
  [
    "a GitHub workflow",
    "name: CI\non: [push]\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps: [{run: npm ci}]\n",
    [
      `3:1 /jobs: this is a GitHub Actions workflow: ${START}, then write each job under jobs at the root, the commands of its steps as script`,
    ],
  ],
  [
    "a Taskfile",
    'version: "3"\nvars: {A: b}\ntasks:\n  build: {cmds: [go build]}\n',
    [
      `3:1 /tasks: this is a Taskfile: ${START}, then write each task as a job at the root, cmds as script and deps as needs`,
    ],
  ],
  ["a GitLab pipeline", "image: node:24\nbuild:\n  script: [make]\n", [`1:1 /image: ${GITLAB}`]],
  [
    "a GitLab pipeline with anchors",
    ".t: &t\n  tags: [docker]\nbuild:\n  <<: *t\n  script: [make]\n  only: [main]\n",
    [`3:1 /build: ${GITLAB}`],
  ],
  ["a GitLab pipeline that includes", "include: {project: a, file: b}\n", [`1:1 /include: ${GITLAB}`]],
  ["a workflow without its version", `stages: [build]\n${BUILD}`, ["1:1 /version: add version: v1"]],
  [
    "settings of every job at the root",
    `${HEAD}image: node:24\ncache: {paths: [.npm], when: always}\nretry: {max: 2}\ntimeout: 5m\n${BUILD}`,
    ["image", "cache", "retry", "timeout"].map(
      (key, index) => `${index + 3}:1 /${key}: move ${key} into default: settings of every job stand there`,
    ),
  ],
  ["a job with such a name", `${HEAD}cache: {stage: build, script: [make]}\n`, []],
  [
    "GitHub's keys at the root",
    `${HEAD}env: {A: b}\non: [push]\npermissions: {contents: read}\n${BUILD}`,
    [
      "3:1 /env: rename env to variables",
      "4:1 /on: remove on: whoever calls loom run decides when, and rules under workflow whether",
      "5:1 /permissions: remove permissions: jobs have yours",
    ],
  ],
  [
    "GitHub's keys in a job",
    job("  runs-on: x", "  steps: [x]", "  env: {A: b}", "  continue-on-error: true", "  timeout-minutes: 5"),
    [
      "5:3 /build/runs-on: remove runs-on: jobs run on this machine, or in a container of their image",
      "6:3 /build/steps: rename steps to script, a list of commands",
      "7:3 /build/env: rename env to variables",
      "8:3 /build/continue-on-error: rename continue-on-error to allow_failure",
      "9:3 /build/timeout-minutes: write timeout with a unit instead of timeout-minutes, such as timeout: 10m",
    ],
  ],
  [
    "GitLab's keys in a job",
    job("  script: [x]", "  tags: [a]", "  dependencies: [b]", "  interruptible: true"),
    [
      "6:3 /build/tags: rename tags to runner_pool, or remove it: jobs run on this machine",
      "7:3 /build/dependencies: rename dependencies to needs",
      `8:3 /build/interruptible: remove interruptible: ${NOTHING}`,
    ],
  ],
  [
    "GitLab's keys below keys of a job",
    job("  script: [x]", "  artifacts: {paths: [a], expire_in: 1 week}", "  retry: {max: 2, when: [x]}"),
    [
      "6:27 /build/artifacts/expire_in: remove expire_in: artifacts stay until loom clean removes their run",
      "7:19 /build/retry/when: rename when to on: a list of failure, timeout, provider and worker",
    ],
  ],
  ["a Taskfile's keys", job("  cmds: [x]"), ["5:3 /build/cmds: rename cmds to script, a list of commands"]],
];

const places: readonly Row[] = [
  [
    "script without its indent",
    `${HEAD}build:\n  stage: build\nscript:\n  - make\n`,
    ["5:1 /script: indent script by 2: it belongs to build"],
  ],
  [
    "a whole job without its indent",
    `${HEAD}build:\nstage: build\nscript: [make]\n`,
    [
      "4:1 /stage: indent stage by 2: it belongs to build",
      "5:1 /script: indent script by 2: it belongs to build",
    ],
  ],
  [
    "mistyped keys that a job needs",
    `${HEAD}build:\n  stge: build\n  scripts: [make]\n`,
    [
      '4:3 /build/stge: rename unknown job key "stge" to stage',
      '5:3 /build/scripts: rename unknown job key "scripts" to script',
    ],
  ],
  [
    "a mistyped key of the root",
    `${HEAD}varibles: {A: b}\n${BUILD}`,
    ["3:1 /varibles: rename varibles to variables, or make it a job: add stage and script"],
  ],
  [
    "a template that is called like a key of the root",
    `${HEAD}.default: {bogus: x}\n${BUILD}`,
    [/* its keys are judged */ expect.stringContaining('remove unknown job key "bogus"') as string],
  ],
];

const warnings: readonly Row[] = [
  [
    "a name in a value that nothing sets",
    `${HEAD}variables: {REGION: eu, URL: "https://$REGOIN.example.org", OTHER: $UNRELATED}\n${BUILD}`,
    ["3:39 /variables/URL: warning: write $REGION instead of $REGOIN, which nothing sets"],
  ],
  [
    "a name in a condition that nothing sets",
    `${HEAD}workflow: {rules: [{if: $CI_COMIT_BRANCH == "main"}]}\n${BUILD}`,
    [
      "3:25 /workflow/rules/0/if: warning: write $CI_COMMIT_BRANCH instead of $CI_COMIT_BRANCH, which nothing sets",
    ],
  ],
  [
    "a name in the key of a cache that nothing sets",
    `${HEAD}build: {stage: build, script: [x], cache: {key: {template: $job_nmae}, paths: [a]}}\n`,
    ["3:60 /build/cache/key/template: warning: write $job_name instead of $job_nmae, which nothing sets"],
  ],
  [
    "names in images, services and paths that nothing sets",
    `${HEAD}variables: {NODE_IMAGE: a}\nbuild: {stage: build, script: [x], image: $NODE_IMGE, services: ["$DB"], artifacts: {paths: ["$LOOM_JOB_NAME/$$x", "$OUT/x"]}}\n`,
    [
      "4:43 /build/image: write $NODE_IMAGE instead of $NODE_IMGE, which nothing sets",
      "4:67 /build/services/0: set DB in variables, or write $$ for a dollar",
      "4:117 /build/artifacts/paths/1: set OUT in variables, or write $$ for a dollar",
    ],
  ],
  [
    "its own name in a value",
    `${HEAD}variables: {PATH: "$LOOM_PROJECT_DIR/x:$PATH", PATHS: a}\n${BUILD}`,
    [],
  ],
  [
    "a text with a variable as the key of a cache",
    job("  script: [x]", "  cache: {key: $CI_COMMIT_BRANCH, paths: [a]}"),
    ['6:16 /build/cache/key: warning: write key: {template: "$CI_COMMIT_BRANCH"}: a text is taken as it is'],
  ],
  [
    "paths in the home folder",
    job("  script: [x]", "  cache: {paths: [~/.npm]}", '  artifacts: {paths: ["$HOME/.m2", a~b]}'),
    [
      '6:19 /build/cache/paths/0: warning: name a folder of the workspace instead of ~, and point the tool at it, such as NPM_CONFIG_CACHE: "$LOOM_PROJECT_DIR/.npm"',
      "7:23 /build/artifacts/paths/0: warning: name a folder of the workspace instead of $HOME",
    ],
  ],
];

/** What somebody writes who knows docker-compose, a Taskfile or GitHub's conditions. */
const brought: readonly Row[] = [
  ...(
    [
      ["depends_on: [a]", "depends_on", "rename depends_on to needs"],
      ["command: a", "command", "rename command to script, a list of commands"],
      ["build: .", "build", "write image instead of build: {name: NAME, build: {context: .}}"],
      [
        "restart: always",
        "restart",
        "write retry instead of restart: how often a failed job starts again, such as retry: 2",
      ],
      [
        "volumes: [a]",
        "volumes",
        "remove volumes: a job has the files of its workspace, and what it keeps stands under cache",
      ],
      ["ports: [a]", "ports", "remove ports: a job reaches its services at their names"],
      [
        "environment: {A: b}",
        "environment",
        "remove environment, or rename it to variables if it holds some: deployments mean nothing here",
      ],
      ["env_file: .env", "env_file", "write the variables of these files under variables, or under secrets"],
      ["dotenv: [.env]", "dotenv", "write the variables of these files under variables, or under secrets"],
      ["working_dir: a", "working_dir", "write dir in the steps that need it: - {run: npm test, dir: web}"],
      [
        "prompt: sure?",
        "prompt",
        "write when: manual instead of prompt: the job waits until it is asked for",
      ],
      ["requires: {vars: [A]}", "requires", "remove requires, and test it in the script"],
      ["platforms: [linux]", "platforms", "remove platforms: it means nothing in a run on this machine"],
      ["method: none", "method", "remove method: it means nothing in a run on this machine"],
      ["label: a", "label", "rename label to title"],
    ] as const
  ).map(([line, key, said]): Row => [
    `${key} of a job`,
    job("  script: [x]", `  ${line}`),
    [`6:3 /build/${key}: ${said}`],
  ]),
  ...(
    [
      ["env: {A: b}", "env", "rename env to variables"],
      ["environment: {A: b}", "environment", "rename environment to variables"],
      ["hostname: a", "hostname", "rename hostname to alias"],
      ["container_name: a", "container_name", "rename container_name to alias"],
      ["ports: [a]", "ports", "remove ports: the job reaches this service at its name or its alias"],
      ["volumes: [a]", "volumes", "remove volumes: a service starts anew for each job"],
      ["depends_on: [a]", "depends_on", "remove depends_on: services start together, before the job"],
      ["restart: always", "restart", "remove restart: it means nothing in a run on this machine"],
      ["options: --x", "options", "write healthcheck instead of options: {test: COMMAND}"],
    ] as const
  ).map(([line, key, said]): Row => [
    `${key} of a service`,
    job("  script: [x]", "  image: x", "  services:", `    - {name: a, ${line}}`),
    [`8:17 /build/services/0/${key}: ${said}`],
  ]),
  [
    "a service by its image",
    job("  script: [x]", "  image: x", "  services: [{image: a}]"),
    ["7:15 /build/services/0/image: rename image to name"],
  ],
  [
    "a secret of a vault",
    job("  script: [x]", "  secrets: {TOKEN: {vault: a/b}}"),
    [
      "6:21 /build/secrets/TOKEN/vault: write ref instead of vault: where this machine has the secret, such as env://NAME",
    ],
  ],
  [
    "an image within an image",
    job("  script: [x]", "  image: {image: a}"),
    ["6:11 /build/image/image: rename image to name"],
  ],
  [
    "reports beside paths",
    job("  script: [x]", "  artifacts: {paths: [a], junit: a.xml}"),
    ["6:27 /build/artifacts/junit: move junit under reports: {junit: [GLOB]}"],
  ],
  [
    "one path of artifacts",
    job("  script: [x]", "  artifacts: {path: a}"),
    [
      "6:14 /build/artifacts: add paths: a list of paths, or reports",
      "6:15 /build/artifacts/path: rename path to paths, a list",
    ],
  ],
  [
    "a rule that waits, and one with needs",
    job("  script: [x]", "  rules: [{if: $CI, start_in: 5m}, {if: $CI, needs: [a]}]"),
    [
      "6:21 /build/rules/0/start_in: remove start_in: it means nothing in a run on this machine",
      "6:46 /build/rules/1/needs: remove needs: a job needs the same jobs whatever rule holds",
    ],
  ],
  ...(
    [
      [
        "always()",
        "remove always(): a job says with when after which results it runs, and after_script runs always",
      ],
      ["contains($CI, 'x')", "match instead of contains(): $NAME =~ /text/"],
      ["startsWith($CI, 'x')", "match instead of startsWith(): $NAME =~ /^text/"],
      ["env.CI_HOST", "write the variable as $CI_HOST"],
      ["matrix.node-version", "write the variable as $NODE_VERSION"],
      ["github.ref == 'x'", "write a variable as $NAME, such as $CI_COMMIT_BRANCH: github.ref is GitHub's"],
    ] as const
  ).map(([text, said]): Row => [
    `${text} as a condition`,
    job("  script:", "    - run: x", `      if: ${text}`),
    [`7:11 /build/script/0/if: ${said}`],
  ]),
  [
    "a variable that GitLab sets, and one that is mistyped",
    job("  script: [x]", "  rules: [{if: $CI_COMMIT_TAG}, {if: $CI_COMIT_SHA}]"),
    ["6:38 /build/rules/1/if: warning: write $CI_COMMIT_SHA instead of $CI_COMIT_SHA, which nothing sets"],
  ],
];

const values: readonly Row[] = [
  [
    "a list at the root",
    "- version: v1\n- stages: [a]\n",
    ["1:1 /: make the workflow a mapping: start with version: v1, without a dash"],
  ],
  [
    "only CR line ends",
    "version: v1\rstages: [a]\rb: c\r",
    ["1:12 /: save this file with LF as its line ends: a CR alone ends no line"],
  ],
  [
    "steps of a GitHub workflow",
    job("  script:", "    - run: npm ci", "    - uses: actions/checkout@v4"),
    ["7:7 /build/script/1/uses: write the commands of this action instead: nothing runs actions here"],
  ],
  [
    "a command in braces",
    step("{make, test}"),
    ["6:7 /build/script/0: put this command in quotes: { at the start makes it a mapping"],
  ],
  [
    "a command in brackets",
    step("[make, test]"),
    ["6:7 /build/script/0: put this command in quotes: [ at the start makes it a list"],
  ],
  [
    "a colon in a command",
    step("echo: hi"),
    ['6:7 /build/script/0: put this command in quotes: ": " makes it a mapping'],
  ],
  [
    "a dash without a command",
    job("  script:", "    -"),
    ["6:6 /build/script/0: write a command here, or remove this step"],
  ],
  [
    "dashes without spaces",
    job("  script:", "    -make", "    -test"),
    ["6:5 /build/script: put a space after the dash of each command"],
  ],
  [
    "one service alone",
    job("  script: [x]", "  image: a", "  services: postgres:16"),
    ["7:13 /build/services: make services a list: [postgres:16]"],
  ],
  [
    "one include alone",
    `${HEAD}include: .loom/templates/a.yml\n${BUILD}`,
    ["3:10 /include: make include a list: [{local: .loom/templates/a.yml}]"],
  ],
  [
    "an include from elsewhere",
    `${HEAD}include:\n  - {ref: main, project: a, file: b}\n${BUILD}`,
    [
      "4:17 /include/0/project: copy that file below .loom/templates/, and include it from there with local: nothing else can be included",
    ],
  ],
  [
    "a rule about files",
    `${HEAD}workflow: {rules: [{changes: [a]}]}\n${BUILD}`,
    ["3:21 /workflow/rules/0/changes: write a condition with if instead: only rules of jobs know this key"],
  ],
  [
    "a mistyped key that its mapping needs",
    `${HEAD}workflow: {rules: [{iff: $CI}]}\nbuild: {stage: build, script: [x], secrets: {A: {reff: "env://A"}}}\n`,
    [
      '3:21 /workflow/rules/0/iff: rename unknown rule key "iff" to if',
      '4:50 /build/secrets/A/reff: rename unknown secret key "reff" to ref',
    ],
  ],
  [
    "only and except",
    job("  script: [x]", "  only: [main]"),
    ["6:3 /build/only: write rules instead of only: a list of {if: CONDITION}"],
  ],
  [
    "a condition of GitHub",
    `${HEAD}workflow: {rules: [{if: "\${{ github.ref }}"}]}\n${BUILD}`,
    ["3:26 /workflow/rules/0/if: write a variable as $NAME, such as $CI_COMMIT_BRANCH: ${{ }} is GitHub's"],
  ],
  [
    "names of jobs",
    `${HEAD}Build App: {stage: build, script: [x]}\ntest:unit: {stage: build, script: [x]}\n`,
    [
      '3:1 /Build App: rename job "Build App" to build-app, here and in every needs and extends',
      '4:1 /test:unit: rename job "test:unit" to test-unit, here and in every needs and extends',
    ],
  ],
  [
    "names of variables",
    `${HEAD}variables: {my_var: a}\nbuild: {stage: build, script: [x], secrets: {npm-token: {ref: "env://A"}}}\n`,
    [
      '3:13 /variables/my_var: rename "my_var" to MY_VAR: names of variables are in capitals',
      '4:46 /build/secrets/npm-token: rename "npm-token" to NPM_TOKEN: names of secrets are in capitals',
    ],
  ],
];

test.each([...syntax, ...foreign, ...places, ...warnings, ...brought, ...values])(
  "%s",
  (_what, text, said) => {
    const result = compileWorkflow({ path: "w.yml", text });
    const problems = result.ok ? result.value.warnings : result.error;
    expect(
      problems.map(
        ({ line, column, path, severity, message }) =>
          `${line}:${column} ${path === "" ? "/" : path}: ${severity === undefined ? "" : `${severity}: `}${message}`,
      ),
    ).toEqual(said);
  },
);
