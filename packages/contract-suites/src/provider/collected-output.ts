import { TextDecoder } from "node:util";
import type { OutputStream } from "@loom/core";
import type { OutputSink } from "@loom/ports";

/** Keeps what a process writes, and lets a test wait for it. */
export class CollectedOutput implements OutputSink {
  readonly #decoders: { readonly [S in OutputStream]: TextDecoder } = {
    stdout: new TextDecoder(),
    stderr: new TextDecoder(),
  };
  readonly #text: { [S in OutputStream]: string } = { stdout: "", stderr: "" };
  #waiting: { readonly stream: OutputStream; readonly text: string; readonly found: () => void }[] = [];

  /** Everything written to stdout so far. */
  get stdout(): string {
    return this.#text.stdout;
  }

  /** Everything written to stderr so far. */
  get stderr(): string {
    return this.#text.stderr;
  }

  write(stream: OutputStream, chunk: Uint8Array): undefined {
    this.#text[stream] += this.#decoders[stream].decode(chunk, { stream: true });
    this.#waiting = this.#waiting.filter((wait) => {
      if (!this.#text[wait.stream].includes(wait.text)) return true;
      wait.found();
      return false;
    });
  }

  /** Resolves once an output holds some text, at once if it does already. */
  shows(text: string, stream: OutputStream = "stdout"): Promise<void> {
    return new Promise((resolve) => {
      if (this.#text[stream].includes(text)) resolve();
      else this.#waiting.push({ stream, text, found: resolve });
    });
  }
}
