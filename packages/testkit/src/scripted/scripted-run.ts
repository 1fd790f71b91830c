import { PlayedRun } from "@loom/contract-suites";
import type { RecordSink } from "@loom/ports";
import { expect, onTestFinished } from "vitest";
import { JudgedSink } from "./judged-sink.ts";

/** A played run that fails its test, when that is over, if the script breaks the lifecycle contract. */
export class ScriptedRun extends PlayedRun {
  constructor(...sinks: readonly RecordSink[]) {
    const judge = new JudgedSink();
    super(...sinks, judge);
    onTestFinished(() => expectUnbroken(judge));
  }
}

function expectUnbroken(judge: JudgedSink): void {
  expect(judge.brokenRules(), "what the script breaks").toEqual([]);
}
