import { elementAt } from "./element-at.ts";

/** Lowers one counter by 1 and returns what is left of it. */
export function countDown(counters: Int32Array, index: number): number {
  const left = elementAt(counters, index) - 1;
  counters[index] = left;
  return left;
}
