import { PassThrough } from "node:stream";
import { render, type Instance } from "ink";
import { Screen, type Part } from "../components/screen.tsx";
import { FrameSink } from "../terminal/frame-sink.ts";
import type { ScreenSize } from "../terminal/terminal.ts";

/** Lets Ink compose parts into rows. Ink never gets the terminal itself. */
export class InkFrame {
  readonly #sink: FrameSink;
  readonly #ink: Instance;
  #rows: readonly string[] = [];

  /** @param onFailure - Called when Ink exits with an error. */
  constructor(size: ScreenSize, onFailure: (error: unknown) => void) {
    this.#sink = new FrameSink(size, (rows) => {
      this.#rows = rows;
    });
    // Ink uses only the few members of a stream that the sink has.
    const sink = this.#sink as unknown as NodeJS.WriteStream;
    this.#ink = render(<Screen size={size} parts={[]} />, {
      stdout: sink,
      stderr: sink,
      stdin: new PassThrough() as unknown as NodeJS.ReadStream,
      debug: true,
      interactive: false,
      exitOnCtrlC: false,
      patchConsole: false,
      isScreenReaderEnabled: false,
    });
    this.#ink.waitUntilExit().catch(onFailure);
  }

  /** The rows of a screen with these parts. */
  draw(size: ScreenSize, parts: readonly Part[]): readonly string[] {
    this.#ink.rerender(<Screen size={size} parts={parts} />);
    return this.#rows;
  }

  resize({ columns, rows }: ScreenSize): void {
    this.#sink.columns = columns;
    this.#sink.rows = rows;
    this.#sink.emit("resize");
  }

  close(): void {
    this.#ink.unmount();
  }
}
