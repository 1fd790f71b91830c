import { err, ok, type Result } from "@loom/core";
import { isOn } from "./ci-runner.ts";
import { knowsLinks } from "./knows-links.ts";
import type { PaletteMode } from "../text/palette.ts";

/** The flags of the command line that are about looks. */
export interface LookFlags {
  /** Value of `--theme`. */
  readonly theme?: string | undefined;
  readonly ascii?: boolean | undefined;
  /** Value of `--tui-exit`. */
  readonly tuiExit?: string | undefined;
}

/** What the output looks like. */
export interface Look {
  readonly palette: PaletteMode;
  readonly ascii: boolean;
  /** Whether nothing moves but the clock. */
  readonly reducedMotion: boolean;
  /** What the screen does when the run is over. */
  readonly exit: "auto" | "stay" | "now";
  /** Whether a long run ends with the bell. */
  readonly bell: boolean;
  /** Whether a long run ends with a notification of the desktop. */
  readonly notify: boolean;
  /** Whether the window shows title and progress. */
  readonly window: boolean;
  /** Whether paths of evidence are links, and links that jobs print stay. */
  readonly links: boolean;
}

/** A look that there is none of. Wrong use: exit code 2. */
export interface LookError {
  readonly code: "CLI_UNKNOWN_LOOK";
  readonly message: string;
}

const THEMES = ["default", "cb", "cb-light"] as const;
const EXITS = ["auto", "stay", "now"] as const;

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Decides what the output looks like. A flag counts more than its variable:
 * `LOOM_THEME`, `LOOM_ASCII`, `LOOM_MOTION`, `LOOM_TUI_EXIT`, `LOOM_BELL`, `LOOM_NOTIFY`,
 * `LOOM_WINDOW`, `LOOM_LINKS`.
 *
 * Without a flag, signs are ASCII where the locale is not UTF-8 and on the
 * Linux console; title and progress stay out of tmux and screen.
 *
 * @param colored - Whether there are colours at all: `shouldColor`.
 */
export function chooseLook(flags: LookFlags, env: Env, colored: boolean): Result<Look, LookError> {
  const theme = word("--theme", flags.theme, { name: "LOOM_THEME", env, words: THEMES });
  if (!theme.ok) return theme;
  const exit = word("--tui-exit", flags.tuiExit, { name: "LOOM_TUI_EXIT", env, words: EXITS });
  if (!exit.ok) return exit;
  const trueColor = /^(?:truecolor|24bit)$/.test(env["COLORTERM"] ?? "");
  const inMultiplexer = isOn(env["TMUX"]) || /^(?:screen|tmux)/.test(env["TERM"] ?? "");
  return ok({
    palette: !colored ? "none" : paletteOf(theme.value ?? "default", trueColor),
    ascii: flags.ascii ?? (isSet(env["LOOM_ASCII"]) ? isOn(env["LOOM_ASCII"]) : !speaksUnicode(env)),
    reducedMotion: env["LOOM_MOTION"] === "0",
    exit: exit.value ?? "auto",
    bell: isOn(env["LOOM_BELL"]),
    notify: isOn(env["LOOM_NOTIFY"]),
    window: isSet(env["LOOM_WINDOW"]) ? isOn(env["LOOM_WINDOW"]) : !inMultiplexer,
    links: knowsLinks(env),
  });
}

function paletteOf(theme: (typeof THEMES)[number], trueColor: boolean): PaletteMode {
  if (theme === "default") return "ansi16";
  return trueColor ? theme : "cb16";
}

function word<W extends string>(
  flag: string,
  value: string | undefined,
  from: { readonly name: string; readonly env: Env; readonly words: readonly W[] },
): Result<W | undefined, LookError> {
  const asked = value ?? from.env[from.name];
  if (asked === undefined || asked === "") return ok(undefined);
  const known = from.words.find((one) => one === asked);
  if (known !== undefined) return ok(known);
  const where = value === undefined ? from.name : flag;
  return err({
    code: "CLI_UNKNOWN_LOOK",
    message: `Unknown word "${asked}" for ${where}: give one of ${from.words.join(", ")}`,
  });
}

/** The first of these that is set decides, as in POSIX; where none is, UTF-8 is taken for granted. */
function speaksUnicode(env: Env): boolean {
  if (env["TERM"] === "linux") return false;
  const locale = [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find(isSet);
  return locale === undefined || /utf-?8/i.test(locale);
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
