import { err } from "@loom/core";
import { expect, test } from "vitest";
import { importWorkflow } from "../src/import/index.ts";

/** Each line that something is to be said of ends with `#!` and words of it; several of one line are separated by `|`. */
const GITLAB = `include:
  - local: /nowhere.yml #! include /nowhere.yml
workflow:
  name: x #! workflow: name
  rules:
    - if: $A
      auto_cancel: x #! rules: auto_cancel
    - when: always
    - if: $B #! workflow.rules: this rule
variables:
  lower.case: x #! variable lower.case
  DESCRIBED:
    value: x
    description: what #! DESCRIBED: description
default:
  interruptible: true #! interruptible
  retry:
    max: 1
  artifacts:
    paths: [x]
    when: otherwise #! default.artifacts.when was left out: loom check
  hooks: #! hooks
    pre_get_sources_script: [x]
.template:
  environment: #! environment
    name: x
  tags: #! tags a, b
    - a
    - b
  timeout: #! timeout soon
    soon
unit:
  extends: .template
  script: [x]
  inherit:
    default: true
    variables: false #! inherit: variables
  retry: #! retry was
    max: 99
  parallel: 3 #! parallel 3
  services:
    - name: a
      alias: b, c #! one alias
      pull_policy: x #! services: pull_policy
  cache:
    key: fixed #! key fixed
    policy: what #! cache: policy
    unprotect: true #! cache: unprotect
    paths:
      - a
      - ../b #! cache: ../b
  artifacts:
    name: x #! artifacts: name
    reports:
      junit: x
      dast: y #! reports.dast
  needs: #! unit: needs.1 was left out: loom check
    - nobody #! needs: nobody
    - job: matrix
      parallel:
        matrix:
          - { A: x }
          - { A: z }
  rules:
    - if: $A
      when: delayed #! when: delayed
      start_in: 1 hour
    - changes:
        paths: [x]
        compare_to: main #! changes.compare_to
      allow_failure: #! rules: allow_failure
        exit_codes: [999]
    - exists: #! under exists
        - /abs
    - when: always
    - if: $B #! this rule was left out
matrix:
  script: [x]
  parallel: { matrix: [{ A: [x, y] }] }
refused:
  script: [x]
  image: x
  variables:
    FINE: x
  artifacts:
    when: whatever #! artifacts.when was left out: loom check
    paths: [x]
  allow_failure: #! allow_failure was not
    exit_codes: [x]
trigger:
  stage: test
  trigger: other #! trigger: the job was left out
no-rules:
  script: [x]
  rules: #! no rule was left
    - if: $A =~ /(?<=x)y/ #! the rule with
`;

const GITHUB = `name: x
permissions: read #! permissions has no meaning
on: push #! on: a run starts
env:
  lower: x #! env lower: it is LOWER
  "not a name": x #! env not a name was left out
  TOKEN: a-\${{ secrets.A }} #! env TOKEN was left out
jobs:
  unit:
    runs-on: ubuntu-latest
    outputs: #! outputs was not carried over
      x: y
    continue-on-error: \${{ github.actor }} #! continue-on-error was not
    timeout-minutes: 99999999999 #! unit: timeout was left out: loom check
    strategy:
      fail-fast: false #! strategy.fail-fast
      matrix:
        a: [x, y]
        b: \${{ fromJSON(needs.x.outputs.y) }} #! strategy.matrix: b
    container:
      image: $UNKNOWN #! unit: image was left out: loom check
      volumes: [x] #! container: volumes
    services:
      db:
        image: x
        ports: ["1:1"] #! services: ports
      other: #! services: other
        image: \${{ github.actor }}
    steps:
      - run: x
      - name: long
        run: y
        timeout-minutes: 99999999999 #! script.1.timeout was left out: loom check
      - uses: some/action@v1 #! uses some/action@v1
      - run: "\${{ github.actor }}" #! the step
      - name: cached
        uses: actions/cache@v4
        with:
          key: x
          path: $UNKNOWN/x #! cache
      - uses: actions/upload-artifact@v4
        with:
          name: x
          path: $UNKNOWN/x #! artifacts
      - name: z
        if: always()
        run: z
        timeout-minutes: 99999999999 #! after_script.0.timeout was left out: loom check
  asked:
    needs:
      - unit
      - nobody #! needs: nobody
    if: github.actor == 'x' #! if: github.actor
    runs-on: ubuntu-latest
    environment: x #! environment was not
    steps:
      - run: x
  mac: #! mac: the job was left out
    runs-on: macos-latest
    steps: [{ run: x }]
`;

test.each([
  ["GitLab", GITLAB],
  ["GitHub", GITHUB],
])("importWorkflow() says what it says of a key of %s at the line of that key", (_, text) => {
  const lines = text.split("\n");
  const expected = lines.flatMap((line, index) => {
    const [, words] = line.split(" #! ");
    return (words?.split("|") ?? []).map((word) => `${index + 1}: ${word}`);
  });
  const imported = importWorkflow({
    path: "ci.yml",
    text,
    readInclude: () => err({ code: "not_found" }),
  });
  if (!imported.ok) throw new Error(imported.error.message);
  const said = imported.value.notes.map(({ line, message }) => ({ line, message }));
  const found = said.map(({ line, message }) => {
    const known = expected.find(
      (each) => each.startsWith(`${line}: `) && message.includes(each.slice(`${line}: `.length)),
    );
    return known ?? `${line}: unexpected: ${message}`;
  });
  expect(new Set(found)).toEqual(new Set(expected));
});
