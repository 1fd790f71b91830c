import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSystemClock } from "@loom/system";
import { MemoryExchange } from "@loom/testkit";
import { expect, test } from "vitest";
import { FileCourier } from "./file-courier.ts";

function arrange(keepsBytes?: number) {
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
    keepsBytes,
    clock,
  });
  const folder = (name: string): string => {
    mkdirSync(join(base, name), { recursive: true });
    return join(base, name);
  };
  const from = folder("from");
  writeFileSync(join(from, "a"), "one");
  return { courier, blobs, folder, from, asked, transfers: join(base, "transfers") };
}

const ALL = { links: "all" } as const;

test("send() and receive() bring files elsewhere, and send what is there already no second time", async () => {
  const { courier, folder, from, asked, transfers } = arrange();
  const sent = await courier.send(from, ["a"]);
  if (!sent.ok) throw new Error(sent.error.message);
  expect(await courier.receive(sent.value, folder("to"), ALL)).toEqual({ ok: true, value: [] });
  expect(readFileSync(join(folder("to"), "a"), "utf8")).toBe("one");
  await courier.send(from, ["a"]);
  const [name] = sent.value.names;
  expect(asked).toEqual([`put ${name}`, `get ${name}`]);
  expect(readdirSync(transfers)).toEqual([]);
});

test("send() packs nothing under a name that the store has", async () => {
  const { courier, from, asked } = arrange();
  expect(await courier.send(from, ["."], { known: "tree-1" })).toMatchObject({
    value: { names: ["tree-1"] },
  });
  expect(await courier.send("/missing", ["."], { known: "tree-1" })).toEqual({
    ok: true,
    value: { names: ["tree-1"], bytes: 0 },
  });
  expect(asked).toEqual(["put tree-1"]);
});

test("receive() has what it keeps, and no more than that", async () => {
  const one = await arrange().courier.send(arrange().from, ["."]);
  if (!one.ok) throw new Error(one.error.message);
  const { courier, folder, from, asked, transfers } = arrange(2.5 * one.value.bytes);
  for (const name of ["one", "two", "three"]) await courier.send(from, ["."], { known: name });
  asked.length = 0;
  const receive = async (name: string): Promise<boolean> =>
    (await courier.receive({ names: [name], bytes: 1 }, folder(`to-${name}`), ALL)).ok;
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
  for (const keepsBytes of [0, 1_000]) {
    const { courier, folder } = arrange(keepsBytes);
    for (let time = 1; time <= 2; time += 1)
      expect(await courier.receive({ names: ["none"], bytes: 1 }, folder("to"), ALL)).toMatchObject({
        error: { code: "transfer_failed", message: 'The files "none" are not in the store any more' },
      });
  }
});

test("sendFolder() sends what is new of a folder, and receive() fetches what it does not have", async () => {
  const { courier, folder, from, asked } = arrange(10_000_000);
  for (let file = 0; file < 400; file += 1)
    writeFileSync(join(from, `file-${file}`), `${file}`.repeat(file < 10 ? 12_000 : 6_000));
  const first = await courier.sendFolder(from);
  if (!first.ok) throw new Error(first.error.message);
  expect(first.value.names.length).toBeGreaterThan(3);
  await courier.receive(first.value, folder("first"), ALL);
  asked.length = 0;
  writeFileSync(join(from, "file-7"), "changed");
  const second = await courier.sendFolder(from);
  if (!second.ok) throw new Error(second.error.message);
  expect(await courier.receive(second.value, folder("second"), ALL)).toEqual({ ok: true, value: [] });
  expect(readFileSync(join(folder("second"), "file-7"), "utf8")).toBe("changed");
  expect(readdirSync(folder("second"))).toEqual(readdirSync(from));
  const [changed] = second.value.names.filter((name) => !first.value.names.includes(name));
  expect(asked).toEqual([`put ${changed}`, `get ${changed}`]);
  expect(second.value.bytes).toBeLessThan(first.value.bytes);
  // It is the same again for whoever has the same files.
  expect(await courier.sendFolder(folder("second"))).toEqual({
    ok: true,
    value: { ...second.value, bytes: 0 },
  });
});

test("sendFolder() sends nothing of a folder that cannot be read, and says so", async () => {
  const { courier, asked } = arrange();
  expect(await courier.sendFolder("/missing")).toMatchObject({ error: { code: "transfer_failed" } });
  expect(asked).toEqual([]);
});

test("receive() takes nothing that is not what its name says", async () => {
  const { courier, blobs, folder, from } = arrange();
  for (const sent of [await courier.send(from, ["a"]), await courier.sendFolder(from)]) {
    if (!sent.ok) throw new Error(sent.error.message);
    const other = folder("other");
    writeFileSync(join(other, "a"), "forged");
    const forged = await courier.send(other, ["a"], { known: "forged" });
    expect(forged.ok).toBe(true);
    const path = join(folder("packed"), "forged");
    await blobs.get("forged", path);
    await blobs.put(sent.value.names[0] ?? "", path);
    const received = await courier.receive(sent.value, folder("to"), ALL);
    expect(received.ok ? "" : received.error.message).toContain("something else");
    expect(readdirSync(folder("to"))).toEqual([]);
  }
});
