import { isOn } from "./ci-runner.ts";

/** Values of `TERM_PROGRAM` that name a terminal with links, and the first version with them. */
const PROGRAMS: ReadonlyMap<string, number> = new Map([
  ["iTerm.app", 3.1],
  ["WezTerm", 0],
  ["ghostty", 0],
  ["vscode", 1.72],
  ["rio", 0],
  ["tmux", 3.4],
]);

/** Values of `TERM` that name a terminal with links. */
const TERMS = /^(?:xterm-kitty|xterm-ghostty|alacritty|foot|contour|wezterm)(?:-|$)/;

/** The first versions of VTE and Konsole whose links work, as their variables have them. */
const VTE_VERSION = 5000;
const KONSOLE_VERSION = 201_200;

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Whether the terminal is known to have links (OSC 8); others may print them as text. `LOOM_LINKS` decides, if it is
 * set.
 *
 * In tmux and screen, the variables of the terminal around them do not count: tmux passes links on if that one has them,
 * screen does not.
 */
export function knowsLinks(env: Env): boolean {
  const { LOOM_LINKS: asked, TERM: term = "", TERM_PROGRAM: program = "" } = env;
  if (asked !== undefined && asked !== "") return isOn(asked);
  if (term === "dumb" || term === "linux") return false;
  const first = PROGRAMS.get(program);
  const hasProgram = first !== undefined && isAtLeast(env["TERM_PROGRAM_VERSION"] ?? "", first);
  if (isSet(env["TMUX"]) || isSet(env["STY"]) || /^(?:tmux|screen)/.test(term))
    return program === "tmux" && hasProgram;
  return (
    hasProgram ||
    TERMS.test(term) ||
    isSet(env["WT_SESSION"]) ||
    Number(env["VTE_VERSION"] ?? 0) >= VTE_VERSION ||
    Number(env["KONSOLE_VERSION"] ?? 0) >= KONSOLE_VERSION
  );
}

/** Compares a version such as `3.4a` by its first two numbers. */
function isAtLeast(version: string, first: number): boolean {
  if (first === 0) return true;
  const [major = 0, minor = 0] = (/(\d+)(?:\.(\d+))?/.exec(version)?.slice(1) ?? []).map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = String(first).split(".").map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "";
}
