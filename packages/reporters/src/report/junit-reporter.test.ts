// @vitest-environment jsdom
import { jobId } from "@loom/core";
import type { RunEnd } from "@loom/ports";
import {
  FAILING_OUTCOME,
  graphNode,
  graphOf,
  LOGS_DIR,
  playFailure,
  RECEIPT_PATH,
  ScriptedRun,
} from "@loom/testkit";
import { describe, expect, test } from "vitest";
import { JunitReporter } from "./junit-reporter.ts";

/** What the environment of this test has: the parser of a browser, which refuses XML that is not well-formed. */
declare const DOMParser: new () => {
  parseFromString(text: string, type: "text/xml"): { readonly documentElement: DomElement };
};

interface DomElement {
  readonly nodeName: string;
  readonly textContent: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  readonly children: Iterable<DomElement>;
}

/** An element as it was parsed. */
interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** What Jenkins takes of one element. */
interface ElementRule {
  readonly required?: readonly string[];
  readonly allowed?: readonly string[];
  readonly children?: readonly string[];
  /** Whether it holds text. */
  readonly text?: boolean;
}

const OUTCOME: ElementRule = { allowed: ["type", "message"], text: true };

/**
 * The elements that the reporter may use, with all that each of them may have.
 *
 * Source: `junit-10.xsd` of Jenkins' xUnit plugin. What the reporter has no use for is left out: properties, reruns
 * and suites in suites.
 */
const JENKINS: Readonly<Record<string, ElementRule>> = {
  testsuites: { allowed: ["name", "time", "tests", "failures", "errors"], children: ["testsuite"] },
  testsuite: {
    required: ["name", "tests", "failures", "errors"],
    allowed: ["time", "skipped", "timestamp", "hostname", "id", "package", "group", "file", "log", "url"],
    children: ["testcase", "system-out", "system-err"],
  },
  testcase: {
    required: ["name"],
    allowed: ["time", "classname", "group"],
    children: ["skipped", "error", "failure", "system-out", "system-err"],
  },
  skipped: OUTCOME,
  error: OUTCOME,
  failure: OUTCOME,
  "system-out": { text: true },
  "system-err": { text: true },
};

/** Bytes that GitLab reads of one file. Source: "Unit test reports", file requirements. */
const GITLAB_BYTES = 30 * 1000 * 1000;

const END: RunEnd = {
  outcome: { status: "success", exitCode: 0, failedJobIds: [] },
  receiptPath: RECEIPT_PATH,
  logsDir: LOGS_DIR,
};

const FAILED = { exitCode: 1, error: { code: "exit_code" as const, message: "Step 1 exited with code 1" } };

/** The report of a run, after it was held to the rules of Jenkins and GitLab. */
async function report(play: (run: ScriptedRun) => void, end: Partial<RunEnd> = {}): Promise<string> {
  let xml = "";
  const reporter = new JunitReporter({ write: (part) => void (xml += part) });
  play(new ScriptedRun(reporter));
  await reporter.finish({ ...END, ...end });
  expect(jenkinsRefuses(xml), "what Jenkins refuses").toEqual([]);
  expect(gitlabLoses(xml), "what GitLab loses").toEqual([]);
  return xml;
}

function jenkinsRefuses(xml: string): readonly string[] {
  return refusedIn(parse(xml));
}

function refusedIn({ name, attributes, children, text }: XmlElement): readonly string[] {
  const rule = JENKINS[name];
  if (rule === undefined) return [`<${name}>`];
  const { required = [], allowed = [] } = rule;
  const unknown = Object.keys(attributes).filter(
    (each) => !required.includes(each) && !allowed.includes(each),
  );
  const time = attributes["time"] ?? "0";
  return [
    ...required.filter((each) => !(each in attributes)).map((each) => `<${name}> without ${each}`),
    ...unknown.map((each) => `<${name} ${each}="…">`),
    ...(/^\d*(?:\.\d*)?$/.test(time) ? [] : [`<${name} time="${time}">`]),
    ...(rule.text === true || text.trim() === "" || children.length > 0 ? [] : [`text in <${name}>`]),
    ...children.flatMap((child) =>
      rule.children?.includes(child.name) === true ? refusedIn(child) : [`<${child.name}> in <${name}>`],
    ),
  ];
}

/**
 * What GitLab would not show: a case whose suite and name another one has, an outcome that says nothing inside, a second
 * outcome, a file that is too large, counts that do not agree with the cases.
 *
 * Source: "Unit test reports" of GitLab's documentation.
 */
function gitlabLoses(xml: string): readonly string[] {
  const root = parse(xml);
  const cases = root.children.flatMap(({ children }) => children);
  const keys = cases.map(({ attributes }) => `${attributes["classname"]} › ${attributes["name"]}`);
  return [
    ...keys.filter((key, index) => keys.indexOf(key) !== index),
    ...cases.filter(({ children }) => children.length > 1).map(() => "a second outcome"),
    ...cases
      .flatMap(({ children }) => children)
      .filter(({ text }) => text.trim() === "")
      .map(({ name }) => `an empty <${name}>`),
    ...[root, ...root.children].filter((each) => !countsAgree(each)).map(({ name }) => `counts of <${name}>`),
    ...(new TextEncoder().encode(xml).length < GITLAB_BYTES ? [] : ["all of it"]),
  ];
}

function countsAgree({ name, attributes, children }: XmlElement): boolean {
  const cases = name === "testsuites" ? children.flatMap((suite) => suite.children) : children;
  const casesWith = (element: string): number =>
    cases.filter((each) => each.children.some((child) => child.name === element)).length;
  return (
    Number(attributes["tests"]) === cases.length &&
    Number(attributes["failures"]) === casesWith("failure") &&
    Number(attributes["errors"]) === casesWith("error")
  );
}

/** @throws For what is not well-formed. */
function parse(xml: string): XmlElement {
  return elementOf(new DOMParser().parseFromString(xml, "text/xml").documentElement);
}

function elementOf({ nodeName, textContent, attributes, children }: DomElement): XmlElement {
  if (nodeName === "parsererror") throw new Error(textContent);
  return {
    name: nodeName,
    attributes: Object.fromEntries(Array.from(attributes, ({ name, value }) => [name, value])),
    children: Array.from(children, elementOf),
    text: textContent,
  };
}

/** The cases of a report: suite, name, and the outcome with what it holds. */
function casesOf(xml: string): readonly (readonly string[])[] {
  return parse(xml).children.flatMap((suite) =>
    suite.children.map(({ attributes, children: [outcome] }) => [
      attributes["classname"] ?? "",
      attributes["name"] ?? "",
      ...(outcome === undefined ? [] : [outcome.name, outcome.text]),
    ]),
  );
}

describe("The report that Jenkins and GitLab read", () => {
  test("has what succeeded, failed, was allowed to fail and was blocked", async () => {
    const xml = await report(playFailure, { outcome: FAILING_OUTCOME });
    expect(casesOf(xml).filter(([suite]) => ["audit", "unit", "docs"].includes(suite ?? ""))).toEqual([
      ["unit", "01 make unit", "skipped", "stage_blocked: by lint"],
      ["audit", "01 make audit"],
      [
        "docs",
        "01 make docs",
        "skipped",
        "it may fail: Step 1 was ended by SIGSEGV\nno such page\njobs/docs/user/execution/script/01/events.jsonl",
      ],
    ]);
  });

  test("has the lines that explain a failure", async () => {
    const xml = await report(playFailure, {
      outcome: FAILING_OUTCOME,
      excerpts: new Map([[jobId("lint"), ["src/a.ts:1:2 no"]]]),
    });
    expect(casesOf(xml).find(([, name]) => name === "02 pnpm lint")).toEqual([
      "lint",
      "02 pnpm lint",
      "failure",
      "Step 2 exited with code 1\nsrc/a.ts:1:2 no\njobs/lint/user/execution/script/02/events.jsonl",
    ]);
  });

  test("has jobs that were not selected or were cancelled", async () => {
    const xml = await report(
      (run) => {
        run.begins(graphOf([graphNode("a", "all"), graphNode("b", "all"), graphNode("c", "all")]));
        run.skips("b", "not_selected");
        run.starts("a");
        run.stepStarts("a", 1);
        run.stepEnds("a", 1, { signal: "SIGTERM", status: "cancelled" });
        run.executionEnds("a", { signal: "SIGTERM", status: "cancelled" });
        run.settles("a", "cancelled");
        run.cancels("c");
        run.ends("cancelled");
      },
      { outcome: { status: "cancelled", exitCode: 130, failedJobIds: [] } },
    );
    expect(casesOf(xml)).toEqual([
      ["b", "01 make b", "skipped", "not_selected: not selected"],
      ["a", "01 make a", "skipped", "cancelled"],
      ["c", "01 make c", "skipped", "cancelled"],
    ]);
  });

  test("has the last attempt of a job that was tried again", async () => {
    const xml = await report((run) => {
      run.begins(graphOf([graphNode("a", "all", { script: ["one", "one"] })]));
      run.starts("a");
      run.stepStarts("a", 1);
      run.stepEnds("a", 1, FAILED);
      run.executionEnds("a", FAILED);
      run.prepares("a", 2);
      for (const step of [1, 2]) {
        run.stepStarts("a", step);
        run.wait(1_500);
        run.stepEnds("a", step);
      }
      run.executionEnds("a");
      run.settles("a", "success");
      run.ends("success");
    });
    expect(casesOf(xml)).toEqual([
      ["a", "01 one"],
      ["a", "02 one"],
    ]);
    expect(xml).toContain('time="1.500"');
  });

  test("has the tests that the reports of a job tell of", async () => {
    const xml = await report(playFailure, {
      outcome: FAILING_OUTCOME,
      tests: () =>
        Promise.resolve(
          new Map([
            [
              jobId("lint"),
              [
                {
                  name: "adds",
                  suite: "sum",
                  status: "failed",
                  message: "4 is not 5",
                  file: "a.ts",
                  line: 2,
                },
                { name: "halves", status: "skipped" },
                { name: "doubles", status: "passed", durationMs: 12 },
              ],
            ],
          ]),
        ),
    });
    expect(xml).toContain('<testcase classname="sum" name="adds" time="0.000">');
    expect(xml).toContain('<failure message="4 is not 5">4 is not 5\na.ts:2</failure>');
    expect(xml).toMatch(
      /<testcase classname="lint" name="halves" time="0.000">\s*<skipped message="the test was skipped">/u,
    );
    expect(xml).toContain('<testcase classname="lint" name="doubles" time="0.012"/>');
  });

  test("counts what failed beside all jobs", async () => {
    const error = { code: "git_refused", message: 'git says "no"\n\tand that is it' } as const;
    const xml = await report(() => undefined, {
      outcome: { status: "failure", exitCode: 1, error, failedJobIds: [] },
    });
    expect(casesOf(xml)).toEqual([["loom", "run", "error", error.message]]);
    expect(parse(xml).attributes).toMatchObject({ tests: "1", errors: "1" });
    expect(parse(xml).children[0]?.children[0]?.children[0]?.attributes["message"]).toBe(error.message);
  });

  test("holds whatever jobs print and are called", async () => {
    const hostile =
      "]]> <![CDATA[ <failure> & \u0000\u0001\u000B\u001B[31m\u001B]0;t\u0007 \u007F\u0085 \uFFFE\uFFFF \uD800 \uDC00x \u{1F600}";
    const id = `it's "a" <b> & ]]>`;
    const xml = await report(
      (run) => {
        run.begins(graphOf([graphNode(id, "all", { script: [hostile] })]));
        run.starts(id);
        run.stepStarts(id, 1);
        run.prints(id, 1, [hostile, "x".repeat(1024 * 1024), "last \uFFFE"]);
        run.stepEnds(id, 1, { exitCode: 1, error: { code: "exit_code", message: hostile } });
        run.executionEnds(id, { exitCode: 1, error: { code: "exit_code", message: hostile } });
        run.settles(id, "failed", "exit_code");
        run.ends("failed");
      },
      { outcome: { status: "failure", exitCode: 1, failedJobIds: [jobId(id)] } },
    );
    expect(parse(xml).children[0]?.attributes["name"]).toBe(id);
    expect(casesOf(xml)[0]?.[3]).toContain("]]> <![CDATA[ <failure> &");
  });

  test("is refused for what the schema has not", () => {
    expect(jenkinsRefuses('<testsuites skipped="1"/>')).toEqual(['<testsuites skipped="…">']);
    expect(
      jenkinsRefuses(
        '<testsuite name="" tests="" errors="" time="1s"><testcase file="a">x</testcase></testsuite>',
      ),
    ).toEqual([
      "<testsuite> without failures",
      '<testsuite time="1s">',
      "<testcase> without name",
      '<testcase file="…">',
      "text in <testcase>",
    ]);
    expect(() => jenkinsRefuses("<testsuites>\u0001</testsuites>")).toThrow(/disallowed character/i);
    expect(
      gitlabLoses('<testsuites><testsuite><testcase name="a"><skipped/></testcase></testsuite></testsuites>'),
    ).toContain("an empty <skipped>");
  });
});
