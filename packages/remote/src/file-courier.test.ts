import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemClock } from "@loom/system";
import { MemoryExchange } from "@loom/testkit";
import { expect, test } from "vitest";
import { FileCourier } from "./file-courier.ts";

function arrange(keeps?: number) {
  const base = mkdtempSync(join(tmpdir(), "loom-courier-"));
  const clock = createSystemClock();
  const { blobs } = new MemoryExchange(clock);
  const asked: string[] = [];
  const courier = new FileCourier({
    blobs: {
      has: async (name) => await blobs.has(name),
      put: async (name, path) => {
        asked.push(`put ${name}`);
        await blobs.put(name, path);
      },
      get: async (name, path) => {
        asked.push(`get ${name}`);
        return await blobs.get(name, path);
      },
      remove: async (name) => await blobs.remove(name),
    },
    folder: join(base, "transfers"),
    keeps,
    clock,
  });
  const folder = (name: string): string => {
    mkdirSync(join(base, name), { recursive: true });
    return join(base, name);
  };
  const from = folder("from");
  writeFileSync(join(from, "a"), "one");
  return { courier, folder, from, asked, transfers: join(base, "transfers") };
}

const ALL = { links: "all" } as const;

test("send() and receive() bring files elsewhere, and send what is there already no second time", async () => {
  const { courier, folder, from, asked, transfers } = arrange();
  const sent = await courier.send(from, ["a"]);
  if (!sent.ok) throw new Error(sent.error.message);
  expect(await courier.receive(sent.value, folder("to"), ALL)).toEqual({ ok: true, value: [] });
  expect(readFileSync(join(folder("to"), "a"), "utf8")).toBe("one");
  await courier.send(from, ["a"]);
  expect(asked).toEqual([`put ${sent.value.name}`, `get ${sent.value.name}`]);
  expect(readdirSync(transfers)).toEqual([]);
});

test("send() packs nothing under a name that the store has", async () => {
  const { courier, from, asked } = arrange();
  expect(await courier.send(from, ["."], { known: "tree-1" })).toMatchObject({ value: { name: "tree-1" } });
  expect(await courier.send("/missing", ["."], { known: "tree-1" })).toEqual({
    ok: true,
    value: { name: "tree-1", bytes: 0 },
  });
  expect(asked).toEqual(["put tree-1"]);
});

test("receive() has what it keeps, and no more than that", async () => {
  const { courier, folder, from, asked, transfers } = arrange(2);
  for (const name of ["one", "two", "three"]) await courier.send(from, ["."], { known: name });
  asked.length = 0;
  const receive = async (name: string): Promise<boolean> =>
    (await courier.receive({ name, bytes: 1 }, folder(`to-${name}`), ALL)).ok;
  expect(await Promise.all([receive("one"), receive("one"), receive("two")])).toEqual([true, true, true]);
  expect(await receive("one")).toBe(true);
  expect(await receive("three")).toBe(true);
  expect(await receive("one")).toBe(true);
  expect(asked).toEqual(["get one", "get two", "get three"]);
  await expect.poll(() => readdirSync(transfers).length).toBe(2);
  expect(await receive("two")).toBe(true);
  expect(asked.at(-1)).toBe("get two");
});

test("receive() says what is not there any more, also where it keeps files", async () => {
  for (const keeps of [0, 2]) {
    const { courier, folder } = arrange(keeps);
    for (let time = 1; time <= 2; time += 1)
      expect(await courier.receive({ name: "none", bytes: 1 }, folder("to"), ALL)).toMatchObject({
        error: { code: "transfer_failed", message: 'The files "none" are not in the store any more' },
      });
  }
});
