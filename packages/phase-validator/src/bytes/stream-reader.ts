import { MAX_RANGE } from "../intake/seq-set.ts";
import type { PhaseValidator } from "../phase-validator.ts";
import { isObject } from "../intake/is-object.ts";
import { parseJson, type ParsedJson } from "./parse-json.ts";
import { scanOutputRecord, scanWindow, type ScannedOutput } from "./scan-output-record.ts";

/**
 * Longest line read, with its newline.
 *
 * The `graph_ir` of the largest workflow allowed (10,000 jobs,
 * docs/workflow.md#yaml) stays well below; a longer line is reported and skipped, so that memory stays bounded.
 */
export const MAX_LINE_BYTES: number = 64 * 1024 * 1024;

const NEWLINE = 0x0a;

/**
 * Feeds the bytes of one stream to a validator.
 *
 * Output written by Loom is only scanned; everything else is parsed.
 */
export class StreamReader {
  readonly #validator: PhaseValidator;
  readonly #path: string;
  #bytes = 0;
  /** Number of the line being read. */
  #line = 1;
  /** The start of a line whose end is still to come. */
  readonly #carried: Uint8Array[] = [];
  #carriedBytes = 0;
  /** Lines of output not handed on yet, the first of which is `#outputLine`. One object for all, since there may be one batch a line. */
  readonly #output = { firstSeq: 0, count: 0 };
  #outputLine = 0;
  // Stryker disable next-line ObjectLiteral,BooleanLiteral: filled in before it is read
  readonly #found: ScannedOutput = { seq: 0, isStderr: false, end: 0 };
  /** Which of `stdout` and `stderr` are in the middle of a line. Its rest is parsed, since it is no line of its own. */
  readonly #unfinished = new Set<unknown>();

  /** @param path - Of the stream, relative to the run's directory, with `/`. */
  constructor(validator: PhaseValidator, path: string) {
    this.#validator = validator;
    this.#path = path;
  }

  /** Takes the next bytes, cut anywhere. They may be reused afterwards. */
  chunk(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    // A line that does not fit into a piece is carried, and so found to be too long.
    // Stryker disable next-line EqualityOperator: an empty piece changes nothing
    for (let at = 0; at < bytes.length; at += MAX_LINE_BYTES) {
      this.#piece(bytes.subarray(at, at + MAX_LINE_BYTES));
    }
  }

  /** Takes the end of the stream. Without it the last lines are not judged. */
  end(): void {
    this.#flush();
    // A line that was cut off may still be whole but for its newline; if not, its being cut off says it all.
    const parsed = parseJson(join(this.#carried));
    if (parsed.ok) this.#validator.record(this.#path, this.#line, parsed.json, parsed.text);
    const truncatedLine = this.#carriedBytes > 0 ? this.#line : undefined;
    this.#validator.streamEnd(this.#path, this.#bytes, truncatedLine);
  }

  #piece(bytes: Uint8Array): void {
    const end = bytes.indexOf(NEWLINE) + 1;
    if (end === 0) return this.#carry(bytes);
    this.#carry(bytes.subarray(0, end));
    this.#carriedLine();
    this.#carry(bytes.subarray(this.#wholeLines(bytes, end)));
  }

  /** Takes the lines from `start` that end in these bytes; returns where the last of them ended. */
  #wholeLines(bytes: Uint8Array, start: number): number {
    const found = this.#found;
    const window = scanWindow(bytes);
    let at = start;
    for (;;) {
      if (scanOutputRecord(window, at, found) && !this.#isUnfinished(found)) {
        this.#outputLineRead(found.seq);
        at = found.end + 1;
        continue;
      }
      const end = bytes.indexOf(NEWLINE, at);
      if (end < 0) return at;
      this.#lineRead(parseJson(bytes.subarray(at, end)));
      at = end + 1;
    }
  }

  #carry(bytes: Uint8Array): void {
    this.#carriedBytes += bytes.length;
    if (this.#carriedBytes > MAX_LINE_BYTES) this.#carried.length = 0;
    // Not slice(): on a Buffer that is a view of bytes which the caller is about to overwrite.
    else this.#carried.push(new Uint8Array(bytes));
  }

  /** Takes the line that was carried, now that its newline is the last of it. */
  #carriedLine(): void {
    if (this.#carriedBytes > MAX_LINE_BYTES) {
      this.#lineRead({ ok: false, why: `is longer than ${MAX_LINE_BYTES} bytes` });
    } else {
      this.#wholeLines(join(this.#carried), 0);
    }
    this.#carried.length = 0;
    this.#carriedBytes = 0;
  }

  #outputLineRead(seq: number): void {
    const output = this.#output;
    if (output.count === 0 || output.count === MAX_RANGE || seq !== output.firstSeq + output.count) {
      this.#flush();
      output.firstSeq = seq;
      this.#outputLine = this.#line;
    }
    output.count += 1;
    this.#line += 1;
  }

  #isUnfinished({ isStderr }: ScannedOutput): boolean {
    // Stryker disable next-line ConditionalExpression,EqualityOperator,LogicalOperator: it only saves the look-up, or a line the parsing
    return this.#unfinished.size > 0 && this.#unfinished.has(isStderr ? "stderr" : "stdout");
  }

  #noteUnfinished(json: unknown): void {
    if (!isObject(json)) return;
    const { event, stream, partial } = json;
    if (event !== "output") return;
    // Stryker disable next-line ConditionalExpression: the lines after it would be parsed as well, which only takes longer
    if (partial === true) {
      this.#unfinished.add(stream);
      return;
    }
    // Stryker disable next-line CallExpression: as above
    this.#unfinished.delete(stream);
  }

  /** Takes a line that is more than a line of output to count. */
  #lineRead(parsed: ParsedJson): void {
    this.#flush();
    if (parsed.ok) {
      this.#noteUnfinished(parsed.json);
      this.#validator.record(this.#path, this.#line, parsed.json, parsed.text);
    } else this.#validator.malformed(this.#path, this.#line, parsed.why);
    this.#line += 1;
  }

  #flush(): void {
    const output = this.#output;
    if (output.count === 0) return;
    this.#validator.outputLines(this.#path, this.#outputLine, output);
    output.count = 0;
  }
}

/** Starts to read a stream's bytes into a validator. */
export function createStreamReader(validator: PhaseValidator, path: string): StreamReader {
  return new StreamReader(validator, path);
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
