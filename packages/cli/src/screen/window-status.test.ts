import { createPalette, textStyle, ViewModel, type RunView } from "@loom/reporters/view";
import { expect, test } from "vitest";
import { WindowStatus } from "./window-status.ts";

const EMPTY = new ViewModel().view();

function view(counts: Partial<RunView["counts"]>): RunView {
  return { ...EMPTY, startedAtMs: 1000, counts: { ...EMPTY.counts, ...counts } };
}

function windowStatus(): WindowStatus {
  return new WindowStatus(textStyle(createPalette("none"), true));
}

const FACTS = { workflow: "a/.loom/ci.yml", finished: false, leftMs: undefined, nowMs: 4000 };

test("sequence() sends what has changed, and everything again after forget()", () => {
  const window = windowStatus();
  const facts = { ...FACTS, view: view({ total: 4, success: 1 }) };
  const first = window.sequence(facts);
  expect(first).toContain("1/4 ci.yml - loom");
  expect(window.sequence(facts)).toBe("");
  window.forgetProgress();
  expect(window.sequence(facts)).toBe("\u001B]9;4;3;0\u0007");
  window.forget();
  expect(window.sequence(facts)).toBe(first);
});

test("sequence() shows progress by time if that is known, otherwise by jobs once one has failed", () => {
  const progress = (facts: Parameters<WindowStatus["sequence"]>[0]): string =>
    windowStatus().sequence(facts).split("\u0007").at(-2) ?? "";
  expect(progress({ ...FACTS, view: view({ total: 4, success: 1 }), leftMs: 9000 })).toBe("\u001B]9;4;1;25");
  expect(progress({ ...FACTS, view: view({ total: 4, success: 1, failed: 1 }) })).toBe("\u001B]9;4;2;50");
  expect(progress({ ...FACTS, view: view({ total: 4, success: 4 }), finished: true })).toBe("\u001B]9;4;0;0");
});

test("off() removes the progress only if some is shown", () => {
  const window = windowStatus();
  expect(window.off()).toBe("");
  window.sequence({ ...FACTS, view: view({ total: 1 }) });
  expect(window.off()).toBe("\u001B]9;4;0;0\u0007");
});
