import { expect, test } from "vitest";
import { knowsLinks } from "./knows-links.ts";

test.each([
  [{}, false],
  [{ TERM: "xterm-256color" }, false],
  [{ TERM: "xterm-256color", VTE_VERSION: "7600" }, true],
  [{ TERM: "xterm-256color", VTE_VERSION: "4602" }, false],
  [{ TERM: "xterm-256color", KONSOLE_VERSION: "230804" }, true],
  [{ TERM: "xterm-256color", WT_SESSION: "a" }, true],
  [{ TERM: "xterm-kitty" }, true],
  [{ TERM: "alacritty-direct" }, true],
  [{ TERM: "alacrittyish" }, false],
  [{ TERM_PROGRAM: "iTerm.app", TERM_PROGRAM_VERSION: "3.10.2" }, true],
  [{ TERM_PROGRAM: "iTerm.app", TERM_PROGRAM_VERSION: "3.0.15" }, false],
  [{ TERM_PROGRAM: "iTerm.app" }, false],
  [{ TERM_PROGRAM: "WezTerm", TERM_PROGRAM_VERSION: "20240203-110809" }, true],
  [{ TERM_PROGRAM: "vscode", TERM_PROGRAM_VERSION: "1.99.0" }, true],
  [{ TERM_PROGRAM: "Apple_Terminal", TERM_PROGRAM_VERSION: "455" }, false],
  [{ TERM: "tmux-256color", TMUX: "/s", TERM_PROGRAM: "tmux", TERM_PROGRAM_VERSION: "3.4" }, true],
  [{ TERM: "screen", TMUX: "/s", TERM_PROGRAM: "tmux", TERM_PROGRAM_VERSION: "3.3a" }, false],
  [{ TERM: "tmux-256color", TMUX: "/s", VTE_VERSION: "7600" }, false],
  [{ TERM: "screen-256color", STY: "1", WT_SESSION: "a" }, false],
  [{ TERM: "linux", VTE_VERSION: "7600" }, false],
  [{ TERM: "dumb", LOOM_LINKS: "1" }, true],
  [{ TERM: "xterm-kitty", LOOM_LINKS: "0" }, false],
  [{ TERM: "xterm-kitty", LOOM_LINKS: "" }, true],
])("knowsLinks(%j) is %j", (env, expected) => {
  expect(knowsLinks(env)).toBe(expected);
});
