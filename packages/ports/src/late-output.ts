import type { OutputStream } from "@loom/core";
import type { SectionContext } from "./provider.ts";

/**
 * How much of a job's late output is kept: the newest part.
 *
 * Unit: bytes. A server that fails prints why in its last lines; one that prints endlessly must not fill the memory.
 */
export const LATE_OUTPUT_BYTES: number = 1024 * 1024;

/**
 * What background processes print after the step that started them.
 *
 * That step's stream is closed. So the output is kept, and written to the section that ends those processes.
 */
export class LateOutput {
  #chunks: { readonly stream: OutputStream; readonly bytes: Uint8Array }[] = [];
  #keptBytes = 0;
  #leftOutBytes = 0;

  /** Keeps a copy of a chunk, dropping the oldest ones when there is too much. */
  take(stream: OutputStream, chunk: Uint8Array): void {
    this.#chunks.push({ stream, bytes: new Uint8Array(chunk) });
    this.#keptBytes += chunk.length;
    while (this.#keptBytes > LATE_OUTPUT_BYTES) {
      const oldest = this.#chunks.shift()?.bytes.length ?? 0;
      this.#keptBytes -= oldest;
      this.#leftOutBytes += oldest;
    }
  }

  /** Writes everything kept to a section, with a note of what it is and how much was dropped. */
  async handOver(section: SectionContext): Promise<void> {
    const chunks = this.#chunks;
    this.#chunks = [];
    if (chunks.length === 0) return;
    section.log("info", "Printed by what a step left running, after that step was over", {
      bytes: this.#keptBytes,
      ...(this.#leftOutBytes > 0 && { left_out_bytes: this.#leftOutBytes }),
    });
    for (const { stream, bytes } of chunks) await section.output.write(stream, bytes);
  }
}
