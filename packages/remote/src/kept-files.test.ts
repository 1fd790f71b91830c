import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { KeptFiles } from "./kept-files.ts";

/** Files of ten bytes each; those whose name begins with "no" are not to be had. */
function arrange(mostBytes: number) {
  const folder = temporaryDirectory();
  const fetched: string[] = [];
  const pathOf = (name: string): string => join(folder, name);
  const files = new KeptFiles(async (name) => {
    await Promise.resolve();
    fetched.push(name);
    if (name.startsWith("fail")) throw new Error(name);
    if (name.startsWith("no")) return undefined;
    writeFileSync(pathOf(name), "0123456789");
    return pathOf(name);
  }, mostBytes);
  const use = async (...names: string[]): Promise<unknown> =>
    await files.use(names, undefined, (paths) => Promise.resolve(paths.map((path) => existsSync(path))));
  return { files, use, fetched, isThere: (name: string) => existsSync(pathOf(name)) };
}

test("use() fetches each file once while it stays, and removes those that were used longest ago", async () => {
  const { use, fetched, isThere } = arrange(20);
  expect(await use("a", "b")).toEqual({ done: [true, true] });
  expect(await use("a")).toEqual({ done: [true] });
  expect(await use("c")).toEqual({ done: [true] });
  expect(fetched).toEqual(["a", "b", "c"]);
  expect(["a", "b", "c"].map(isThere)).toEqual([true, false, true]);
});

test("use() keeps what is in use, however much it is", async () => {
  const { files, use, isThere } = arrange(0);
  const gate = Promise.withResolvers<undefined>();
  const using = files.use(["a", "b"], undefined, async (paths) => {
    await gate.promise;
    return paths.every((path) => existsSync(path));
  });
  expect(await use("c", "a")).toEqual({ done: [true, true] });
  expect(isThere("c")).toBe(false);
  gate.resolve(undefined);
  expect(await using).toEqual({ done: true });
  expect([isThere("a"), isThere("b")]).toEqual([false, false]);
});

test("use() says what nobody has, and asks for it again the next time", async () => {
  const { use, fetched, isThere } = arrange(0);
  expect(await use("a", "none")).toEqual({ missing: "none" });
  expect(await use("none")).toEqual({ missing: "none" });
  await expect(use("fail", "b")).rejects.toThrow("fail");
  expect(fetched).toEqual(["a", "none", "none", "fail", "b"]);
  expect([isThere("a"), isThere("b")]).toEqual([false, false]);
});

test("use() fetches once what several ask for at the same time", async () => {
  const { use, fetched } = arrange(100);
  await Promise.all([use("a", "b"), use("b", "a"), use("a")]);
  expect(fetched.toSorted()).toEqual(["a", "b"]);
});
