import { temporaryDirectory } from "@loom/testkit";
import { createCacheStore, type CacheStore } from "../src/store/cache-store.ts";
import { testClock, type TestClock } from "./test-clock.ts";

/** A new store on the real disk. */
export function makeStore(maxBytes?: number): { store: CacheStore; clock: TestClock } {
  const clock = testClock();
  const cacheHome = temporaryDirectory();
  return {
    store: createCacheStore({ cacheHome, clock, ...(maxBytes !== undefined && { maxBytes }) }),
    clock,
  };
}
