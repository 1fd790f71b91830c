import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { err, ok } from "@loom/core";
import { temporaryDirectory } from "@loom/testkit";
import { compileWorkflow, type ReadInclude } from "@loom/workflow";
import { describe, expect, test } from "vitest";
import { digestOf, KeptWorkflows, type RunnableWorkflow } from "./kept-workflows.ts";

const TEXT = "version: v1\nstages: [a]\ninclude: [more.yml]\na: {stage: a, script: [x]}\n";
const MORE = "variables: {A: b}\nworkflow: {rules: [{if: $A}]}\n";
const shownPath = ".loom/workflow.yml";

/** Reads one file, whatever it is called. */
function includes(text: string): ReadInclude {
  return () => ok(text);
}

function compiled(): RunnableWorkflow {
  const result = compileWorkflow({
    path: shownPath,
    text: "version: v1\nstages: [a]\nvariables: {A: b}\nworkflow: {rules: [{if: $A}]}\na: {stage: a, script: [x]}\n",
  });
  if (!result.ok) throw new Error(result.error[0]?.message);
  const { graph, variables, rules, warnings } = result.value;
  return { graph, variables, ...(rules !== undefined && { rules }), warnings };
}

function keep(home: string, compiler = "one"): KeptWorkflows {
  const kept = new KeptWorkflows(home, compiler);
  kept.keep({ text: TEXT, shownPath, included: new Map([["more.yml", digestOf(MORE)]]) }, compiled());
  return kept;
}

/** The file of the only entry. */
function entryIn(home: string): string {
  const [name = ""] = readdirSync(join(home, "loom/graphs"));
  return join(home, "loom/graphs", name);
}

describe("KeptWorkflows", () => {
  test("gives back what was kept, in the same words", () => {
    const kept = keep(temporaryDirectory());
    expect(kept.find({ text: TEXT, shownPath, include: includes(MORE) })).toEqual(compiled());
  });

  test.each([
    ["the workflow", { text: `${TEXT}#` }],
    ["its name in problems", { shownPath: "other.yml" }],
    ["an included file", { include: includes(`${MORE}#`) }],
    ["an included file that is gone", { include: () => err({ code: "not_found" as const }) }],
  ])("misses when %s has changed", (_what, changed) => {
    const kept = keep(temporaryDirectory());
    expect(kept.find({ text: TEXT, shownPath, include: includes(MORE), ...changed })).toBeUndefined();
  });

  test("misses what another compiler made", () => {
    const home = temporaryDirectory();
    keep(home);
    const other = new KeptWorkflows(home, "two");
    expect(other.find({ text: TEXT, shownPath, include: includes(MORE) })).toBeUndefined();
  });

  test.each([
    ["one changed letter", (text: string) => text.replace('"x"', '"y"')],
    ["half of it", (text: string) => text.slice(0, text.length / 2)],
    ["nothing", () => ""],
    ["a list", () => `${digestOf("[]")}\n[]`],
  ])("misses an entry that holds %s", (_what, damage) => {
    const home = temporaryDirectory();
    const kept = keep(home);
    writeFileSync(entryIn(home), damage(readFileSync(entryIn(home), "utf8")));
    expect(kept.find({ text: TEXT, shownPath, include: includes(MORE) })).toBeUndefined();
  });

  test("neither reads nor writes a folder that others may write to, or that is a link", () => {
    const home = temporaryDirectory();
    const kept = keep(home);
    chmodSync(join(home, "loom/graphs"), 0o777);
    expect(kept.find({ text: TEXT, shownPath, include: includes(MORE) })).toBeUndefined();

    const linked = temporaryDirectory();
    mkdirSync(join(linked, "loom"));
    const elsewhere = temporaryDirectory();
    symlinkSync(elsewhere, join(linked, "loom/graphs"));
    keep(linked);
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test("does nothing where no folder can be made, and where it runs from sources", () => {
    const home = temporaryDirectory();
    writeFileSync(join(home, "loom"), "");
    expect(keep(home).find({ text: TEXT, shownPath, include: includes(MORE) })).toBeUndefined();

    const other = temporaryDirectory();
    new KeptWorkflows(other).keep({ text: TEXT, shownPath, included: new Map() }, compiled());
    expect(readdirSync(other)).toEqual([]);
  });

  test("keeps 64 workflows at most", () => {
    const home = temporaryDirectory();
    const kept = new KeptWorkflows(home, "one");
    for (let number = 0; number < 70; number += 1)
      kept.keep({ text: `${TEXT}#${number}`, shownPath, included: new Map() }, compiled());
    expect(readdirSync(join(home, "loom/graphs"))).toHaveLength(64);
  });
});
