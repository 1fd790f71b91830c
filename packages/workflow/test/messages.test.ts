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

test.each([...syntax])("%s", (_what, text, said) => {
  const result = compileWorkflow({ path: "w.yml", text });
  const problems = result.ok ? result.value.warnings : result.error;
  expect(
    problems.map(
      ({ line, column, path, severity, message }) =>
        `${line}:${column} ${path === "" ? "/" : path}: ${severity === undefined ? "" : `${severity}: `}${message}`,
    ),
  ).toEqual(said);
});
