import { homedir } from "node:os";
import { expect, test } from "vitest";
import { cacheHome, configHome } from "./user-folders.ts";

test("cacheHome() and configHome() are what XDG variables say when that is absolute, else the usual ones", () => {
  expect(cacheHome({ XDG_CACHE_HOME: "/there" })).toBe("/there");
  expect(configHome({ XDG_CONFIG_HOME: "/there" })).toBe("/there");
  for (const value of [undefined, "", "relative"]) {
    expect(cacheHome({ XDG_CACHE_HOME: value })).toBe(`${homedir()}/.cache`);
    expect(configHome({ XDG_CONFIG_HOME: value })).toBe(`${homedir()}/.config`);
  }
});
