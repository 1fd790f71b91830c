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
  needs:
    - nobody #! needs: nobody
    - job: matrix
      parallel: #! all of its matrix
        matrix:
          - { A: x }
          - { A: y }
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

test("importWorkflow() says what it says of a key at the line of that key", () => {
  const lines = GITLAB.split("\n");
  const expected = lines.flatMap((line, index) => {
    const [, words] = line.split(" #! ");
    return (words?.split("|") ?? []).map((word) => `${index + 1}: ${word}`);
  });
  const imported = importWorkflow({
    path: "ci.yml",
    text: GITLAB,
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
