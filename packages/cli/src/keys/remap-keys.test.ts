import { expect, test } from "vitest";
import { bindingsOf, commandOf, KEY_MAP } from "./key-map.ts";
import { remapKeys } from "./remap-keys.ts";

test("remapKeys() assigns other keys to commands, and leaves the other commands alone", () => {
  const map = remapKeys({ rerun: "R", page_down: ["ctrl-f", "pagedown"] });
  if (!map.ok) expect.fail(map.error);
  expect(commandOf("R", "tree", map.value)).toBe("rerun");
  expect(commandOf("r", "tree", map.value)).toBeUndefined();
  expect(commandOf("ctrl-f", "log", map.value)).toBe("page_down");
  expect(commandOf("space", "log", map.value)).toBeUndefined();
  expect(commandOf("j", "log", map.value)).toBe("down");
  expect(bindingsOf("tree", map.value).find(({ command }) => command === "page_down")?.shown).toBeUndefined();
});

test("remapKeys() without changes returns the default map, in which no key has two meanings in one place", () => {
  expect(remapKeys({})).toEqual({ ok: true, value: KEY_MAP });
});

test.each([
  [{ dance: "x" }, 'there is no command "dance"'],
  [{ view_run: "x" }, '"view_run" keeps its key'],
  [{ interrupt: "x" }, '"interrupt" keeps its key'],
  [{ rerun: "ctrl-shift-r" }, '"rerun" needs a key, such as x, G, ctrl-f or pagedown, not "ctrl-shift-r"'],
  [{ rerun: [] }, '"rerun" needs a key, such as x, G, ctrl-f or pagedown'],
  [{ rerun: "j" }, '"j" would be both "down" and "rerun"'],
  [{ rerun: "x", cancel: "x" }, '"x" would be both "rerun" and "cancel"'],
])("remapKeys() refuses %j", (keys, error) => {
  expect(remapKeys(keys)).toEqual({ ok: false, error });
});

test("remapKeys() lets two commands swap their keys, and a key have two meanings in two places", () => {
  expect(remapKeys({ rerun: "y", copy_path: "r" }).ok).toBe(true);
  expect(remapKeys({ sort: "d" }).ok).toBe(true);
});
