import { expect, test } from "vitest";
import { chooseLook, type Look, type LookFlags } from "./choose-look.ts";

const UTF8 = { LANG: "en_US.UTF-8", TERM: "xterm-256color" };

test.each<[LookFlags, Record<string, string>, boolean, Partial<Look>]>([
  [
    {},
    UTF8,
    true,
    {
      palette: "ansi16",
      ascii: false,
      reducedMotion: false,
      exit: "auto",
      bell: false,
      window: true,
      links: false,
    },
  ],
  [{}, {}, true, { ascii: false }],
  [{}, UTF8, false, { palette: "none" }],
  [{ theme: "cb" }, { ...UTF8, COLORTERM: "truecolor" }, true, { palette: "cb" }],
  [{ theme: "cb-light" }, { ...UTF8, COLORTERM: "24bit" }, true, { palette: "cb-light" }],
  [{ theme: "cb" }, UTF8, true, { palette: "cb16" }],
  [{ theme: "default" }, { ...UTF8, LOOM_THEME: "cb" }, true, { palette: "ansi16" }],
  [{}, { ...UTF8, LOOM_THEME: "cb" }, true, { palette: "cb16" }],
  [{}, { LANG: "C" }, true, { ascii: true }],
  [{}, { LANG: "C", LC_ALL: "C.utf8" }, true, { ascii: false }],
  [{}, { ...UTF8, TERM: "linux" }, true, { ascii: true }],
  [{ ascii: true }, { ...UTF8, LOOM_ASCII: "0" }, true, { ascii: true }],
  [{}, { ...UTF8, LOOM_ASCII: "1" }, true, { ascii: true }],
  [{}, { ...UTF8, TMUX: "/tmp/x" }, true, { window: false }],
  [{}, { ...UTF8, TMUX: "/tmp/x", LOOM_WINDOW: "1" }, true, { window: true }],
  [{}, { ...UTF8, TERM: "screen" }, true, { window: false }],
  [{ tuiExit: "now" }, { ...UTF8, LOOM_TUI_EXIT: "stay" }, true, { exit: "now" }],
  [
    {},
    { ...UTF8, LOOM_TUI_EXIT: "stay", LOOM_BELL: "1", LOOM_MOTION: "0" },
    true,
    { exit: "stay", bell: true, reducedMotion: true },
  ],
])("chooseLook() of %j with %j, colours %s", (flags, env, colored, expected) => {
  const look = chooseLook(flags, env, colored);
  expect(look.ok && look.value).toMatchObject(expected);
});

test("chooseLook() refuses words that it does not know, and names those it does", () => {
  const look = chooseLook({ theme: "neon" }, {}, true);
  expect(look.ok || look.error.message).toBe(
    'Unknown word "neon" for --theme: give one of default, cb, cb-light',
  );
  const exit = chooseLook({}, { LOOM_TUI_EXIT: "soon" }, true);
  expect(exit.ok || exit.error.message).toBe(
    'Unknown word "soon" for LOOM_TUI_EXIT: give one of auto, stay, now',
  );
});
