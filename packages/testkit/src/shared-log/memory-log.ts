import type { SharedEntry, SharedLog } from "@loom/ports";

/** What goes wrong between a memory log and who uses it. Each is asked for a number from 0 to below 1. */
export interface LogTrouble {
  /** Whether the answer to an append gets lost, before or after it took place. */
  readonly append?: () => "lost before" | "lost after" | "fine";
  /** Turns of the event loop that an entry takes to a reader. */
  readonly delay?: () => number;
}

/** A shared log in memory. Answers get lost and entries come late, as the trouble has it. */
export class MemoryLog implements SharedLog {
  readonly #subjects = new Map<string, Uint8Array[]>();
  readonly #trouble: LogTrouble;
  readonly #waiting = new Set<() => void>();

  constructor(trouble: LogTrouble = {}) {
    this.#trouble = trouble;
  }

  async append(subject: string, n: number, data: Uint8Array): Promise<"appended" | "taken" | "gap"> {
    const trouble = this.#trouble.append?.() ?? "fine";
    await turns(this.#trouble.delay?.() ?? 0);
    if (trouble === "lost before") throw new Error("The request got lost");
    const entries = this.#subjects.get(subject) ?? [];
    if (n > entries.length + 1) return "gap";
    this.#subjects.set(subject, entries);
    const isNew = n === entries.length + 1;
    if (isNew) entries.push(data.slice());
    for (const wake of this.#waiting) wake();
    if (trouble === "lost after") throw new Error("The answer got lost");
    return isNew ? "appended" : "taken";
  }

  count(subject: string): Promise<number> {
    return Promise.resolve(this.#subjects.get(subject)?.length ?? 0);
  }

  forget(prefix: string): Promise<void> {
    for (const subject of this.#subjects.keys())
      if (subject.startsWith(prefix)) this.#subjects.delete(subject);
    return Promise.resolve();
  }

  async *read(subject: string, from: number, signal: AbortSignal): AsyncGenerator<SharedEntry, void> {
    for (let n = from; !signal.aborted;) {
      const data = this.#subjects.get(subject)?.[n - 1];
      if (data === undefined) {
        await this.#more(signal);
        continue;
      }
      await turns(this.#trouble.delay?.() ?? 0);
      if (signal.aborted) return;
      yield { n, data };
      n += 1;
    }
  }

  /** Resolves when something was appended, or the signal has aborted. */
  async #more(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }
}

async function turns(count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1) await new Promise((resolve) => void setImmediate(resolve));
}
