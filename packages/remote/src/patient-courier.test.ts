import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BlobStore } from "@loom/ports";
import { FakeClock, MemoryExchange, temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { FileCourier } from "./file-courier.ts";

/** A clock that does not wait. */
class HastyClock extends FakeClock {
  override after(delayMs: number, callback: () => void): () => void {
    const cancel = super.after(delayMs, callback);
    setImmediate(() => this.advance(delayMs));
    return cancel;
  }
}

/** A courier over a store that fails so many times before it does anything. */
function courierOver(failures: number, failure: Error = new Error("timeout")) {
  const clock = new HastyClock();
  const { blobs } = new MemoryExchange(clock);
  let asked = 0;
  const answer = async <T>(ask: () => Promise<T>): Promise<T> => {
    asked += 1;
    if (asked <= failures) throw failure;
    return await ask();
  };
  const store: BlobStore = {
    has: async (name) => await answer(async () => await blobs.has(name)),
    put: async (name, path) => await answer(async () => await blobs.put(name, path)),
    get: async (name, path) => await answer(async () => await blobs.get(name, path)),
    remove: async (name) => await answer(async () => await blobs.remove(name)),
  };
  const from = temporaryDirectory();
  writeFileSync(join(from, "file"), "content");
  return {
    courier: new FileCourier({ blobs: store, folder: temporaryDirectory(), clock }),
    from,
    asked: () => asked,
  };
}

test("FileCourier brings files over a store that does not answer for a while", async () => {
  const { courier, from } = courierOver(20);
  const sent = await courier.send(from, ["file"]);
  if (!sent.ok) expect.fail(sent.error.message);
  const to = temporaryDirectory();
  expect(await courier.receive(sent.value, to, { links: "all" })).toMatchObject({ ok: true });
  expect(readFileSync(join(to, "file"), "utf8")).toBe("content");
});

test("FileCourier gives a store up that does not come back", async () => {
  const { courier, from } = courierOver(1_000);
  expect(await courier.send(from, ["file"])).toEqual({
    ok: false,
    error: {
      code: "transfer_failed",
      message: "Files could not be brought to another machine: timeout",
    },
  });
});

test("FileCourier does not try again what this machine refuses, or what nobody waits for", async () => {
  const full = courierOver(1, Object.assign(new Error("No space"), { code: "ENOSPC" }));
  expect(await full.courier.send(full.from, ["file"])).toMatchObject({ error: { code: "transfer_failed" } });
  expect(full.asked()).toBe(1);
  const away = courierOver(1_000);
  const stop = new AbortController();
  const sending = away.courier.send(away.from, ["file"], { known: "tree-1", signal: stop.signal });
  stop.abort();
  expect(await sending).toMatchObject({ error: { code: "cancelled" } });
});
