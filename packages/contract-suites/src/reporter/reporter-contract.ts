import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { Reporter, RunEnd } from "@loom/ports";
import type { ContractCase } from "../contract-case.ts";
import { damagesOf } from "./damages.ts";
import { CONTROLS, playForeign } from "./foreign-text.ts";
import { giveTo, givenBy, type Given } from "./given.ts";
import { CONTRACT_RUNS, FAILING_RUN } from "./contract-runs.ts";

/** Where the reporter under test has to print; what `createReporter` of a module is given as `output`. */
export interface ReporterOutput {
  /** Takes text whose end is the end of a line. */
  write(text: string): void;
}

/**
 * What every `Reporter` owes, a case for each demand.
 *
 * @param make - Called for a new reporter, more than once by most cases. It prints to the output that it is given, in
 *   plain text: no terminal, no colours.
 */
export function reporterContract(
  make: (output: ReporterOutput) => Reporter | Promise<Reporter>,
): readonly ContractCase[] {
  return DEMANDS.map(([name, tryIt]) => ({
    name,
    run: () => tryIt(async () => await Subject.make(make)),
  }));
}

/** A reporter, and what it has printed. */
class Subject {
  readonly writes: readonly string[];
  readonly #reporter: Reporter;

  private constructor(reporter: Reporter, writes: string[]) {
    this.#reporter = reporter;
    this.writes = writes;
  }

  static async make(make: (output: ReporterOutput) => Reporter | Promise<Reporter>): Promise<Subject> {
    const writes: string[] = [];
    return new Subject(await make({ write: (text) => void writes.push(text) }), writes);
  }

  get reporter(): Reporter {
    return this.#reporter;
  }

  get text(): string {
    return this.writes.join("");
  }

  /** A whole life: what is given, the closing part, the end. */
  async lives(given: readonly Given[], end: RunEnd): Promise<void> {
    giveTo(this.#reporter, given);
    await this.#reporter.finish(end);
    this.#reporter.close?.();
  }
}

type Demand = readonly [name: string, tryIt: (make: () => Promise<Subject>) => Promise<void>];

const DEMANDS: readonly Demand[] = [
  ...CONTRACT_RUNS.map(({ name, play, end }): Demand => [
    `it shows ${name}`,
    async (make) => {
      const subject = await make();
      await subject.lives(givenBy(play), end);
      for (const text of subject.writes)
        assert.match(text, /\n$/, "What is written at a time ends with a line");
    },
  ]),
  ...damagesOf(givenBy(FAILING_RUN.play)).map(({ name, given }): Demand => [
    `it takes ${name} without throwing`,
    async (make) => {
      await (await make()).lives(given, FAILING_RUN.end);
    },
  ]),
  [
    "it prints the same for the same run",
    async (make) => {
      for (const { play, end } of CONTRACT_RUNS) {
        const [one, other] = [await make(), await make()];
        await one.lives(givenBy(play), end);
        await other.lives(givenBy(play), end);
        assert.equal(other.text, one.text);
      }
    },
  ],
  [
    "flush() writes what waits, and nothing when nothing has come since",
    async (make) => {
      for (const { play } of CONTRACT_RUNS) {
        const { reporter, writes } = await make();
        giveTo(reporter, givenBy(play));
        reporter.flush();
        const before = writes.length;
        reporter.flush();
        assert.deepEqual(writes.slice(before), []);
      }
    },
  ],
  [
    "finish() needs no flush() to follow",
    async (make) => {
      for (const { play, end } of CONTRACT_RUNS) {
        const { reporter, writes } = await make();
        giveTo(reporter, givenBy(play));
        await reporter.finish(end);
        const before = writes.length;
        reporter.flush();
        assert.deepEqual(writes.slice(before), []);
      }
    },
  ],
  [
    "finish() comes without any record when a run could not begin",
    async (make) => {
      for (const { end } of CONTRACT_RUNS) await (await make()).lives([], end);
    },
  ],
  [
    "close() comes without finish() when a run ends by a bug, at any point of it",
    async (make) => {
      const given = givenBy(FAILING_RUN.play);
      for (let length = 0; length <= given.length; length += 1) {
        const { reporter } = await make();
        giveTo(reporter, given.slice(0, length));
        reporter.close?.();
      }
    },
  ],
  [
    "it writes nothing after close(), by itself or when more is handed to it",
    async (make) => {
      for (const { play, end } of CONTRACT_RUNS) {
        const subject = await make();
        await subject.lives(givenBy(play), end);
        const before = subject.writes.length;
        await setImmediate();
        if (subject.reporter.close !== undefined) giveTo(subject.reporter, givenBy(play));
        await setImmediate();
        assert.deepEqual(subject.writes.slice(before), []);
      }
    },
  ],
  [
    "it passes on no control sequence that jobs print, or that names and errors hold",
    async (make) => {
      const subject = await make();
      await subject.lives(givenBy(playForeign), FAILING_RUN.end);
      const passedOn = CONTROLS.filter((control) => subject.text.includes(control));
      assert.deepEqual(passedOn, []);
    },
  ],
];
