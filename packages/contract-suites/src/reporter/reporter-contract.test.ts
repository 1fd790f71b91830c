import { stripVTControlCharacters } from "node:util";
import type { Reporter, RunEnd } from "@loom/ports";
import { expect, test } from "vitest";
import type { LifecycleRecord, LineBatch } from "@loom/ports";
import { reporterContract, type ReporterOutput } from "./reporter-contract.ts";

/** Prints the states of jobs and what they print, as it should. */
class HonestReporter implements Reporter {
  protected readonly output: ReporterOutput;
  protected waiting = "";
  protected isClosed = false;

  constructor(output: ReporterOutput) {
    this.output = output;
  }

  record(_stream: unknown, record: LifecycleRecord): void {
    if (record.event === "job_state") this.print(`${record.job_id} is ${record.to}`);
  }

  lines(_stream: unknown, { bytes, ends }: LineBatch): void {
    for (const line of new TextDecoder().decode(bytes.subarray(0, ends.at(-1))).split("\n")) this.print(line);
  }

  flush(): void {
    if (this.waiting !== "" && !this.isClosed) this.output.write(this.waiting);
    this.waiting = "";
  }

  finish({ outcome }: RunEnd): void {
    this.print(outcome.status);
    this.flush();
  }

  close(): void {
    this.isClosed = true;
  }

  protected print(line: string): void {
    // oxlint-disable-next-line no-control-regex -- what is left of control sequences
    this.waiting += `${stripVTControlCharacters(line).replaceAll(/[\u0000-\u001F]/g, "?")}\n`;
  }
}

/** The demands that a reporter does not meet, in the order of the contract. */
async function unmet(make: (output: ReporterOutput) => Reporter): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { name, run } of reporterContract(make)) await run().catch(() => names.push(name));
  return names;
}

test("reporterContract() has nothing against a reporter that keeps it, and a name for each demand", async () => {
  expect(await unmet((output) => new HonestReporter(output))).toEqual([]);
  const names = reporterContract((output) => new HonestReporter(output)).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test("reporterContract() finds a reporter that passes on control sequences", async () => {
  class Raw extends HonestReporter {
    protected override print(line: string): void {
      this.waiting += `${line}\n`;
    }
  }
  expect(await unmet((output) => new Raw(output))).toEqual([
    "it passes on no control sequence that jobs print, or that names and errors hold",
  ]);
});

test("reporterContract() finds a reporter that believes that every job is known", async () => {
  class Trusting extends HonestReporter {
    readonly #states = new Map<string, string>();

    override record(stream: unknown, record: LifecycleRecord): void {
      if (record.event === "job_state") {
        const before = this.#states.get(record.job_id) ?? "pending";
        if (before !== record.from) throw new Error(`${record.job_id} is ${before}, not ${record.from}`);
        this.#states.set(record.job_id, record.to);
      }
      super.record(stream, record);
    }
  }
  const found = await unmet((output) => new Trusting(output));
  expect(found).toContain("it takes each record twice without throwing");
  expect(found).toContain("it takes the end of a run without its beginning without throwing");
});

test("reporterContract() finds a reporter that forgets to write its closing part, or part of a line", async () => {
  class Lazy extends HonestReporter {
    override finish({ outcome }: RunEnd): void {
      this.print(outcome.status);
    }
  }
  expect(await unmet((output) => new Lazy(output))).toEqual(["finish() needs no flush() to follow"]);
  class Cut extends HonestReporter {
    override finish({ outcome }: RunEnd): void {
      this.flush();
      this.output.write(outcome.status);
    }
  }
  expect(await unmet((output) => new Cut(output))).toEqual([
    "it shows a run that could not be set up",
    "it shows a run without jobs",
    "it shows a run that succeeds at the second attempt",
    "it shows a run that is cancelled",
    "it shows a run that fails",
  ]);
});

test("reporterContract() finds a reporter that writes after its end, or the same again", async () => {
  class Late extends HonestReporter {
    override close(): void {
      queueMicrotask(() => this.output.write("bye\n"));
    }
  }
  expect(await unmet((output) => new Late(output))).toEqual([
    "it writes nothing after close(), by itself or when more is handed to it",
  ]);
  class Again extends HonestReporter {
    override flush(): void {
      this.output.write(this.waiting);
    }
  }
  expect(await unmet((output) => new Again(output))).toEqual(
    expect.arrayContaining([
      "flush() writes what waits, and nothing when nothing has come since",
      "it writes nothing after close(), by itself or when more is handed to it",
    ]),
  );
});

test("reporterContract() finds a reporter that remembers other runs", async () => {
  let made = 0;
  class Numbered extends HonestReporter {
    override finish(end: RunEnd): void {
      made += 1;
      this.print(`run ${made}`);
      super.finish(end);
    }
  }
  expect(await unmet((output) => new Numbered(output))).toEqual(["it prints the same for the same run"]);
});
