import { errorCode, type EventError, type OutputStream } from "@loom/core";
import type { ProcessEnd } from "@loom/ports";
import type { Random } from "../random.ts";

/** A chunk of output, and its delay after the previous one. */
export interface TimedChunk {
  readonly afterMs: number;
  readonly stream: OutputStream;
  readonly bytes: Uint8Array;
}

/** What one process will do unless it is stopped. */
export interface ProcessBehaviour {
  readonly chunks: readonly TimedChunk[];
  /** Delay between its last output and its end. Absent: it runs until it is stopped. */
  readonly endsAfterMs?: number;
  readonly end: ProcessEnd;
  /** Its reaction to SIGTERM: die, exit by itself after a while, or ignore it. */
  readonly onTerminate:
    | { readonly kind: "dies" }
    | { readonly kind: "ignores" }
    | { readonly kind: "exits"; readonly afterMs: number; readonly exitCode: number };
  /** Output still in the pipe when the process has ended; it comes before the result. */
  readonly lateOutput?: TimedChunk;
  /** A provider bug: output after its result. */
  readonly outputAfterResult?: TimedChunk;
  /** A provider bug: an exception instead of a result. */
  readonly rejects: boolean;
}

/**
 * Draws what one process will do.
 *
 * @param losing - How likely it loses its worker.
 */
export function processBehaviour(random: Random, losing: number): ProcessBehaviour {
  const chunks = Array.from({ length: random.chance(0.3) ? 0 : random.below(6) }, () => randomChunk(random));
  const ending = random.below(100);
  return {
    chunks,
    ...(ending >= 4 && { endsAfterMs: randomDelay(random) }),
    end: random.fork("worker").chance(losing) ? { kind: "lost", error: WORKER_LOST } : randomEnd(random),
    onTerminate: randomReaction(random),
    ...(random.chance(0.1) && { lateOutput: randomChunk(random) }),
    ...(random.chance(0.01) && { outputAfterResult: randomChunk(random) }),
    rejects: random.chance(0.003),
  };
}

/** Draws a duration: mostly short, sometimes long. */
export function randomDelay(random: Random): number {
  const kind = random.below(10);
  if (kind < 4) return 0;
  return kind < 9 ? random.between(1, 60) : random.between(100, 1500);
}

/** Why a worker cannot be asked any more. */
export const WORKER_LOST: EventError = { code: "worker_lost", message: "The machine does not answer" };

function randomEnd(random: Random): ProcessEnd {
  const kind = random.below(100);
  if (kind < 72) return { kind: "exited", exitCode: 0 };
  if (kind < 90) return { kind: "exited", exitCode: random.pick([1, 2, 3, 127, 255]) };
  if (kind < 96) return { kind: "signaled", signal: random.pick(["SIGSEGV", "SIGKILL", "SIGTERM"]) };
  return { kind: "not_started", error: { code: errorCode("spawn_failed"), message: "There is no shell" } };
}

function randomReaction(random: Random): ProcessBehaviour["onTerminate"] {
  const kind = random.below(10);
  if (kind < 5) return { kind: "dies" };
  if (kind < 8) return { kind: "ignores" };
  return { kind: "exits", afterMs: random.between(0, 300), exitCode: random.pick([0, 1, 143]) };
}

/** Draws a chunk of output: whole lines, partial lines, split characters, bytes that are not text. */
export function randomChunk(random: Random): TimedChunk {
  const afterMs = randomDelay(random);
  const stream = random.chance(0.3) ? "stderr" : "stdout";
  return { afterMs, stream, bytes: randomBytes(random) };
}

function randomBytes(random: Random): Uint8Array {
  const kind = random.below(100);
  if (kind < 2) return hugeLine(random);
  const text = Array.from({ length: random.between(1, 4) }, () => random.pick(FRAGMENTS)).join("");
  const bytes = new TextEncoder().encode(text);
  if (kind < 15) return bytes.subarray(random.below(3), Math.max(1, bytes.length - random.below(4)));
  if (kind < 22) return Uint8Array.from({ length: random.between(1, 12) }, () => random.below(256));
  return bytes;
}

const FRAGMENTS: readonly string[] = [
  "ok\n",
  "compiling main.c\n",
  "no newline yet",
  "\n",
  "\r\n",
  '"quoted" \\ and \t tabbed\n',
  "naïve café – größer\n",
  "日本語の行\n",
  "🧵🪡\n",
  "\u0000\u001b[31mred\u001b[0m\n",
  "a\nb\nc\n",
  "password: ",
  "\uFEFFmarked\n",
];

/** A line around the 64 KiB limit of one record, which may be cut in the middle of a character. */
function hugeLine(random: Random): Uint8Array {
  const length = random.between(65_530, 70_000);
  const bytes = new Uint8Array(length).fill(0x78);
  if (random.chance(0.5)) {
    const character = new TextEncoder().encode(random.pick(["é", "日", "🧵"]));
    for (let at = random.below(4); at + character.length <= length; at += character.length)
      bytes.set(character, at);
  }
  if (random.chance(0.7)) bytes[length - 1] = 0x0a;
  return bytes;
}
