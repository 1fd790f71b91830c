import { elementAt } from "./element-at.ts";

/**
 * The jobs that may start, the most urgent first.
 *
 * A binary heap over job numbers. No array grows: every job enters at most once.
 */
export class ReadyQueue {
  readonly #lengths: Float64Array;
  readonly #heap: Int32Array;
  #size = 0;

  /** @param lengths - The longest remaining path of every job; the longest comes first, ties by job number. */
  constructor(lengths: Float64Array) {
    this.#lengths = lengths;
    this.#heap = new Int32Array(lengths.length);
  }

  /** Adds a job. O(log n). */
  push(job: number): void {
    let hole = this.#size;
    this.#size += 1;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = elementAt(this.#heap, parent);
      if (this.#comesBefore(above, job)) break;
      this.#heap[hole] = above;
      hole = parent;
    }
    this.#heap[hole] = job;
  }

  /** Removes the most urgent job; `undefined` when there is none. O(log n). */
  pop(): number | undefined {
    if (this.#size === 0) return undefined;
    const first = elementAt(this.#heap, 0);
    this.#size -= 1;
    this.#sink(elementAt(this.#heap, this.#size));
    return first;
  }

  /** Puts the job behind the last one in place of the first, and moves it down to where it belongs. */
  #sink(job: number): void {
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      // Stryker disable next-line EqualityOperator: behind the last one stands the job itself; it moves to its own place.
      if (child >= this.#size) break;
      let below = elementAt(this.#heap, child);
      // The job still stands behind the last one. As a sibling it takes the place it would be given below.
      const sibling = elementAt(this.#heap, child + 1);
      if (this.#comesBefore(sibling, below)) {
        child += 1;
        below = sibling;
      }
      if (this.#comesBefore(job, below)) break;
      this.#heap[hole] = below;
      hole = child;
    }
    this.#heap[hole] = job;
  }

  #comesBefore(a: number, b: number): boolean {
    // Stryker disable next-line EqualityOperator: only a job and itself give 0, and it stays where it is either way.
    return (elementAt(this.#lengths, b) - elementAt(this.#lengths, a) || a - b) < 0;
  }
}
