import { readFileSync } from "node:fs";
import { join } from "node:path";
import { err, ok } from "@loom/core";
import { expect, test } from "vitest";
import { compileWorkflow, formatGraph, formatProblem, type ReadInclude } from "../src/index.ts";

/*
 * The samples of docs/workflow.md, from top to bottom:
 *
 * - `yaml` is a workflow that compiles, unless `text` follows
 * - `yaml job` is a job of the stage `test`
 * - `yaml title=PATH` is a file that later samples can include
 * - `text` is what is reported of the workflow before it
 * - `json` and `tree` are what the workflow before it compiles to
 */
const page = readFileSync(join(import.meta.dirname, "../../../docs/workflow.md"), "utf8");

interface Sample {
  readonly info: string;
  readonly body: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
}

const samples: readonly Sample[] = [...page.matchAll(/^```(\S[^\n]*)\n(.*?)^```$/gms)].map((match) => ({
  info: match[1] ?? "",
  body: match[2] ?? "",
  line: page.slice(0, match.index).split("\n").length,
}));

const included = new Map(
  samples.flatMap(({ info, body }) => {
    const path = /^yaml title=(\S+)$/.exec(info)?.[1];
    return path === undefined ? [] : [[path, body] as const];
  }),
);

const readInclude: ReadInclude = (path) => {
  const text = included.get(path);
  return text === undefined ? err({ code: "not_found" }) : ok(text);
};

/** The workflow that a sample shows, or that it is the outcome of. */
function workflowOf(index: number): string {
  const { info = "", body = "" } = samples[index] ?? {};
  if (info === "yaml") return body;
  if (info !== "yaml job") return workflowOf(index - 1);
  return `version: v1\nstages: [test]\n${body}`;
}

const checked = samples.map((sample, index) => ({ ...sample, index, next: samples[index + 1]?.info }));

test("docs/workflow.md has samples of every kind", () => {
  expect([...new Set(samples.map(({ info }) => info.replace(/=.*/, "=")))].sort()).toEqual([
    "json",
    "sh",
    "text",
    "tree",
    "yaml",
    "yaml job",
    "yaml title=",
  ]);
});

test.each(checked.filter(({ info, next }) => /^yaml(?: job)?$/.test(info) && next !== "text"))(
  "the workflow in line $line of docs/workflow.md compiles without a word",
  ({ index }) => {
    const result = compileWorkflow({ path: ".loom/workflow.yml", text: workflowOf(index), readInclude });
    expect((result.ok ? result.value.warnings : result.error).map(formatProblem)).toEqual([]);
  },
);

test.each(checked.filter(({ info }) => ["text", "json", "tree"].includes(info)))(
  "the $info in line $line of docs/workflow.md is what comes out",
  ({ index, info, body }) => {
    const result = compileWorkflow({ path: ".loom/workflow.yml", text: workflowOf(index), readInclude });
    const shown = result.ok
      ? formatGraph(result.value.graph, info === "tree" ? "tree" : "json")
      : `${result.error.map(formatProblem).join("\n")}\n`;
    // How JSON is laid out on the page is the formatter's business.
    if (info === "json") expect(JSON.parse(body)).toEqual(JSON.parse(shown));
    else expect(body).toBe(shown);
  },
);

test.each(["first-pipeline", "caches", "containers", "secrets"])(
  "the workflow of docs/%s.md compiles without a word",
  (name) => {
    const guide = readFileSync(join(import.meta.dirname, `../../../docs/${name}.md`), "utf8");
    const [, text = ""] = /^```yaml\n(.*?)^```$/ms.exec(guide) ?? [];
    const result = compileWorkflow({ path: ".loom/workflow.yml", text, readInclude });
    expect((result.ok ? result.value.warnings : result.error).map(formatProblem)).toEqual([]);
  },
);
