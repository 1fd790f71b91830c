import { ByteBuffer, PlainOutput } from "@loom/artifacts";
import { logLineData, logPlaceData, type LogBlock, type LogLine } from "@loom/diagnosis";
import { cleanLine, createPalette } from "@loom/reporters";
import { printable } from "./printable.ts";
import type { UnitRules } from "./unit-rules.ts";

/** How the lines of a log are written. */
export interface LogStyle {
  readonly json: boolean;
  /** All that was printed of each line, also what it overwrote itself. */
  readonly raw: boolean;
  readonly timestamps: boolean;
  /** Says before each line of which job it is. */
  readonly jobs: boolean;
  /** Says where each step begins. */
  readonly rules: UnitRules | undefined;
  readonly colored: boolean;
  /** Whether links that jobs print are kept where their colours are. */
  readonly links: boolean;
  /** A terminal would act on what a job printed; a file or another program is given it as it is. */
  readonly isTerminal: boolean;
}

/** What stands between the time and the text of a record, of this length for both outputs. */
const STREAM_AND_TEXT_KEY = ',"stream":"stdout","text":"';

/** Writes the lines of a log into memory; those of printable ASCII without making them strings. */
export class LogWriter {
  readonly #style: LogStyle;
  readonly #into: ByteBuffer;
  readonly #paint: (tone: "bold" | "dim", text: string) => string;
  /** A line beyond all measure of which not all pieces came. */
  #open: LogLine | undefined;
  #block: Pick<LogBlock, "jobId" | "unit"> | undefined;
  /** What a record of the block has, in place of its event, between its time and its stream. */
  readonly #jsonPlace = new ByteBuffer();
  readonly #job = new ByteBuffer();

  constructor(into: ByteBuffer, style: LogStyle) {
    this.#into = into;
    this.#style = style;
    const palette = createPalette(style.colored ? "ansi16" : "none");
    this.#paint = (tone, text) => palette.paint(tone, text);
  }

  /** Writes a line of a block. */
  write(block: LogBlock, line: LogLine | PlainOutput): void {
    if (this.#block !== block) this.#enter(block);
    if (!(line instanceof PlainOutput)) this.#writeLine(line);
    else if (this.#open !== undefined) this.#writeLine(lineOf(block, line));
    else if (this.#style.json) this.#writeJson(line);
    else this.#writePlain(block, line);
  }

  #enter({ jobId, unit }: LogBlock): void {
    const isSameUnit = this.#block?.jobId === jobId && this.#block.unit === unit;
    this.#block = { jobId, unit };
    if (isSameUnit) return;
    setText(this.#job, this.#jobText(jobId));
    setText(this.#jsonPlace, `",${JSON.stringify(logPlaceData({ jobId, unit })).slice(1, -1)}`);
  }

  #writeJson({ source, start, tsEnd, textStart, end }: PlainOutput): void {
    this.#into.appendBytes(source.view, start, tsEnd);
    this.#into.appendBytes(this.#jsonPlace.view, 0, this.#jsonPlace.length);
    this.#into.appendBytes(source.view, textStart - STREAM_AND_TEXT_KEY.length, end);
  }

  #writePlain(block: LogBlock, line: PlainOutput): void {
    const { source, textStart, textEnd, end } = line;
    const rule = this.#style.rules?.before(block);
    if (rule !== undefined) this.#into.appendText(this.#ruled(rule, block.jobId));
    if (this.#style.timestamps) this.#into.appendText(this.#time(line.ts));
    this.#into.appendBytes(this.#job.view, 0, this.#job.length);
    this.#into.appendBytes(source.view, textStart, textEnd);
    // Of the record's own end.
    this.#into.appendBytes(source.view, end - 1, end);
  }

  #writeLine(line: LogLine): void {
    const { json, raw, timestamps, rules, colored, links } = this.#style;
    if (json) return this.#into.appendText(`${JSON.stringify(logLineData(line))}\n`);
    const rule = rules?.before(line);
    const text = raw ? this.#rawText(line.text) : cleanLine(line.text, { color: colored, links });
    // Only the pieces of a line beyond all measure come one by one.
    const goesOn = this.#open !== undefined && isSamePlace(this.#open, line);
    const ruled = rule === undefined ? "" : this.#ruled(rule, line.jobId);
    const time = timestamps ? this.#time(line.ts) : "";
    const start = goesOn
      ? ""
      : `${this.#open === undefined ? "" : "\n"}${ruled}${time}${this.#jobText(line.jobId)}`;
    this.#open = line.partial === true ? line : undefined;
    return this.#into.appendText(`${start}${text}${line.partial === true ? "" : "\n"}`);
  }

  #jobText(jobId: string): string {
    return this.#style.jobs ? `${this.#paint("bold", printable(jobId))} │ ` : "";
  }

  #ruled(rule: string, jobId: string): string {
    return `${this.#jobText(jobId)}${this.#paint("dim", cleanLine(rule, { color: false }))}\n`;
  }

  #time(ts: string): string {
    return `${this.#paint("dim", ts)} `;
  }

  #rawText(text: string): string {
    const { colored, links, isTerminal } = this.#style;
    return isTerminal ? cleanLine(text.replaceAll("\r", "␍"), { color: colored, links }) : text;
  }
}

function setText(buffer: ByteBuffer, text: string): void {
  buffer.length = 0;
  buffer.appendText(text);
}

function lineOf({ jobId, unit }: LogBlock, { seq, ts, stream, text }: PlainOutput): LogLine {
  return { seq, ts, jobId, unit, stream, text };
}

/** Whether a piece of a line belongs to the line of another one. */
function isSamePlace(one: LogLine, other: LogLine): boolean {
  return (
    one.jobId === other.jobId &&
    one.stream === other.stream &&
    JSON.stringify(one.unit) === JSON.stringify(other.unit)
  );
}
