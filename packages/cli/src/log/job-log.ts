import { readdirSync } from "node:fs";
import { join } from "node:path";
import { decodeLogLine, type ScreenLine } from "./log-line.ts";
import type { LineSource, ScanPlace } from "./line-source.ts";
import { LogStore } from "./log-store.ts";

/** Most lines of a command that are shown above its output. */
const MAX_COMMAND_LINES = 5;

/** Each step has its own range of scan offsets: no stream is as long as this. Unit: bytes. */
const STEP_SPAN = 2 ** 42;

/** The log of one step, below its command. */
interface Part {
  /** Records, as JSON, for lines that are in no file: the command, and the heading of an attempt. */
  readonly head: readonly string[];
  readonly store: LogStore;
}

/**
 * The log of a whole job: the output of its steps in order, each below its command, and earlier attempts above the
 * last one.
 *
 * The steps of a job run one at a time, so only the last part grows.
 */
export class JobLog implements LineSource {
  readonly path: string;
  readonly #commands: readonly string[];
  readonly #parts: Part[] = [];
  readonly #known = new Set<string>();

  /**
   * @param path - Absolute path of the job's directory. A new attempt moves the streams, so a new `JobLog` is needed.
   * @param commands - The commands of its steps, in order; empty if they are not known.
   */
  constructor(path: string, commands: readonly string[]) {
    this.path = path;
    this.#commands = commands;
  }

  get count(): number {
    return this.#parts.reduce((sum, part) => sum + rowsOf(part), 0);
  }

  grow(maxBytes: number): boolean {
    this.#findParts();
    return this.#parts.map(({ store }) => store.grow(maxBytes)).includes(true);
  }

  lines(from: number, count: number): ScreenLine[] {
    const lines: ScreenLine[] = [];
    let start = 0;
    for (const { head, store } of this.#parts) {
      const { length } = head;
      for (let row = Math.max(0, from - start); row < Math.min(length, from + count - start); row += 1)
        lines.push(decodeLogLine(start + row, head[row] ?? ""));
      const first = start + length;
      const wanted = Math.min(from + count, first + store.count) - Math.max(from, first);
      if (wanted > 0) {
        for (const line of store.lines(Math.max(from, first) - first, wanted))
          lines.push({ ...line, row: first + line.row });
      }
      start = first + store.count;
    }
    return lines;
  }

  scan(place: ScanPlace, maxBytes: number, visit: (row: number, json: string) => void): ScanPlace {
    let index = Math.floor(place.offset / STEP_SPAN);
    // 0: not even the command was visited; otherwise the offset in the stream plus one.
    let mark = place.offset % STEP_SPAN;
    let { row } = place;
    for (; index < this.#parts.length; index += 1) {
      const part = this.#parts[index];
      if (part === undefined) break;
      const start = this.#parts.slice(0, index).reduce((sum, each) => sum + rowsOf(each), 0);
      const { head, store } = part;
      if (mark === 0) for (const [number, json] of head.entries()) visit(start + number, json);
      const first = start + head.length;
      const from = { row, offset: Math.max(0, mark - 1) };
      const next = store.scan(from, maxBytes, (number, json) => visit(first + number, json));
      if (next.offset !== from.offset || index === this.#parts.length - 1)
        return { row: next.row, offset: index * STEP_SPAN + next.offset + 1 };
      mark = 0;
      row = 0;
    }
    return place;
  }

  close(): void {
    for (const { store } of this.#parts) store.close();
  }

  /** Adds the steps that have started since the last call. */
  #findParts(): void {
    const execution = join(this.path, "user/execution");
    const earlier = numbersIn(join(execution, "attempts"));
    for (const attempt of earlier) this.#add(join(execution, "attempts", attempt, "script"), Number(attempt));
    this.#add(join(execution, "script"), earlier.length === 0 ? undefined : Number(earlier.at(-1)) + 1);
  }

  /** @param attempt - Its number, if there is more than one attempt. */
  #add(directory: string, attempt: number | undefined): void {
    for (const [index, step] of numbersIn(directory).entries()) {
      const path = join(directory, step, "events.jsonl");
      if (this.#known.has(path)) continue;
      this.#known.add(path);
      const title = attempt !== undefined && index === 0 ? [`attempt ${attempt}`] : [];
      const head = [...title, ...commandLines(this.#commands[Number(step) - 1])];
      this.#parts.push({
        head: head.map((text) => JSON.stringify({ event: "command", text })),
        store: new LogStore(path, { skip: 1 }),
      });
    }
  }
}

function rowsOf({ head, store }: Part): number {
  return head.length + store.count;
}

/** A command with a shell prompt, cut to the lines that are shown. */
function commandLines(command: string | undefined): readonly string[] {
  if (command === undefined) return [];
  const lines = command.trimEnd().split("\n");
  const shown = lines.slice(0, MAX_COMMAND_LINES).map((line, index) => `${index === 0 ? "$" : " "} ${line}`);
  const rest = lines.length - MAX_COMMAND_LINES;
  return rest > 0 ? [...shown, `  … ${rest} more line${rest === 1 ? "" : "s"}`] : shown;
}

/** The numeric names in a directory, in numeric order. */
function numbersIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => /^\d+$/.test(name))
      .sort((a, b) => Number(a) - Number(b));
  } catch {
    // The directory does not exist until the first step starts.
    return [];
  }
}
