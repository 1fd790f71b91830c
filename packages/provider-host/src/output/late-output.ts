import type { OutputStream } from "@loom/core";
import type { SectionContext } from "@loom/ports";

/**
 * How much late output of one job is kept: the newest.
 *
 * Unit: bytes. A server that is tested prints its reason within its last
 * lines; one that prints without end must not fill the memory.
 */
export const LATE_OUTPUT_BYTES: number = 1024 * 1024;

/**
 * What processes in the background print once the step that started them is over.
 *
 * It has no place in the stream of that step, which is closed. So it is kept,
 * and handed to the section that ends those processes.
 */
export class LateOutput {
  #chunks: { readonly stream: OutputStream; readonly bytes: Uint8Array }[] = [];
  #keptBytes = 0;
  #leftOutBytes = 0;

  /** Keeps a copy of a chunk, in place of the oldest ones when there is too much. */
  take(stream: OutputStream, chunk: Uint8Array): void {
    this.#chunks.push({ stream, bytes: new Uint8Array(chunk) });
    this.#keptBytes += chunk.length;
    while (this.#keptBytes > LATE_OUTPUT_BYTES) {
      const oldest = this.#chunks.shift()?.bytes.length ?? 0;
      this.#keptBytes -= oldest;
      this.#leftOutBytes += oldest;
    }
  }

  /** Writes all that was kept into a section, with a note of what it is and how much of it is left out. */
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
