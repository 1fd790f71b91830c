import { lastState, startOfLastState, type LoomEvent, type OutputEvent, type OutputStream } from "@loom/core";

/**
 * How much of one line is held until its end comes. Longer ones, unlike
 * anything that people read, are given in pieces of this size.
 *
 * Unit: UTF-16 units.
 */
export const LONGEST_LINE: number = 1024 * 1024;

/** How lines are put together. */
export interface JoinOptions {
  /** Keeps everything printed on a line that overwrote itself with `\r`. Default: only its last state. */
  readonly raw?: boolean | undefined;
}

/**
 * Puts the pieces of lines together: a stream holds a line in pieces when it
 * is long, or when its process took its time over it, and other records may
 * stand between them.
 *
 * A joined line has the `seq` and the time of its last piece.
 */
export class LineJoiner {
  readonly #raw: boolean;
  /** By stream and output, in the order in which their lines began. */
  readonly #open = new Map<number, Map<OutputStream, Held>>();

  constructor(options: JoinOptions = {}) {
    this.#raw = options.raw ?? false;
  }

  /**
   * The records that one record of a stream completes.
   *
   * @param stream - Identifies a stream: the inode of its file, as its path changes when a job is retried.
   */
  push(stream: number, event: LoomEvent): readonly LoomEvent[] {
    if (event.event === "phase_finish") return [...this.end(stream), event];
    if (event.event !== "output") return [event];
    const held = this.#open.get(stream)?.get(event.stream);
    const text = held === undefined ? event.text : held.text + event.text;
    if (event.partial === true) return this.#hold(stream, event, text);
    this.#open.get(stream)?.delete(event.stream);
    return [whole(event, this.#raw ? text : lastState(text))];
  }

  /** What a stream that goes no further still holds without an end. */
  end(stream: number): readonly OutputEvent[] {
    const rest = [...(this.#open.get(stream)?.values() ?? [])].map(({ event, text }) =>
      whole(event, this.#raw ? text : lastState(text)),
    );
    this.#open.delete(stream);
    return rest.sort((a, b) => a.seq - b.seq);
  }

  #hold(stream: number, event: OutputEvent, text: string): readonly LoomEvent[] {
    let held = text;
    if (!this.#raw && text.length > LONGEST_LINE) held = text.slice(startOfLastState(text));
    const outputs = this.#open.get(stream) ?? new Map<OutputStream, Held>();
    this.#open.set(stream, outputs);
    if (held.length > LONGEST_LINE) {
      outputs.delete(event.stream);
      return [{ ...event, text: held }];
    }
    outputs.set(event.stream, { event, text: held });
    return [];
  }
}

interface Held {
  /** The latest piece. */
  readonly event: OutputEvent;
  /** All pieces so far. */
  readonly text: string;
}

/** The record of a whole line. */
function whole(event: OutputEvent, text: string): OutputEvent {
  if (event.partial === undefined && event.text === text) return event;
  const { partial: _partial, ...rest } = event;
  return { ...rest, text };
}

/**
 * Puts the pieces of lines together while their stream is read from its end.
 *
 * Whoever reads asks `isSettled` when to stop: the last lines are known once
 * the beginnings of those that are open have been seen.
 */
export class BackwardLineJoiner {
  readonly #raw: boolean;
  readonly #open = new Map<OutputStream, { readonly event: OutputEvent; text: string }>();

  constructor(options: JoinOptions = {}) {
    this.#raw = options.raw ?? false;
  }

  /** The records that the next earlier record of the stream completes. */
  push(event: LoomEvent): readonly LoomEvent[] {
    if (event.event !== "output") return [event];
    const open = this.#open.get(event.stream);
    if (event.partial === true && open !== undefined) {
      const isOverwritten = !this.#raw && startOfLastState(open.text) > 0;
      if (!isOverwritten && open.text.length < LONGEST_LINE) open.text = event.text + open.text;
      return [];
    }
    this.#open.set(event.stream, { event, text: event.text });
    return open === undefined ? [] : [this.#whole(open)];
  }

  /** The lines whose beginning is no longer looked for. */
  end(): readonly OutputEvent[] {
    const rest = [...this.#open.values()].map((open) => this.#whole(open));
    this.#open.clear();
    return rest;
  }

  /** Place in the run of the earliest line whose beginning may be still to come. */
  get openSeq(): number {
    return Math.max(0, ...[...this.#open.values()].map(({ event }) => event.seq));
  }

  #whole({ event, text }: { readonly event: OutputEvent; readonly text: string }): OutputEvent {
    return whole(event, this.#raw ? text : lastState(text));
  }
}
