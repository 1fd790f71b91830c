/** What a colour means. The first ten are the states of tui part 7.1. */
export type Tone =
  | "waiting"
  | "queued"
  | "running"
  | "success"
  | "cached"
  | "failed"
  | "allowed"
  | "blocked"
  | "cancelled"
  | "skipped"
  | "dim"
  | "bold";

/** Paints text for a terminal, or leaves it as it is. */
export interface Palette {
  /** Whether there are colours; then those of jobs may stay as well. */
  readonly color: boolean;
  /** Gives the text its colour; nothing is left switched on behind it. */
  paint(tone: Tone, text: string): string;
  /** Gives the text the colour of the job with this number, from 0. */
  paintJob(number: number, text: string): string;
}

/** Which colours: none, or the 16 that every terminal theme defines. */
export type PaletteMode = "none" | "ansi16";

/** SGR parameters by meaning. Source: tui part 7.1; `failed` is bold, because plain red is hard to read. */
const TONES: { readonly [T in Tone]: string } = {
  waiting: "90",
  queued: "39",
  running: "36",
  success: "32",
  cached: "32;2",
  failed: "91;1",
  allowed: "33",
  blocked: "90",
  cancelled: "33",
  skipped: "90",
  dim: "2",
  bold: "1",
};

/** Colours that tell jobs apart; red and green are left to states. */
const JOB_COLORS = ["36", "35", "34", "33", "96", "95", "94", "93"] as const;

/** Makes the palette of a mode. */
export function createPalette(mode: PaletteMode): Palette {
  if (mode === "none")
    return { color: false, paint: (_tone, text) => text, paintJob: (_number, text) => text };
  return {
    color: true,
    paint: (tone, text) => wrap(TONES[tone], text),
    paintJob: (number, text) => wrap(JOB_COLORS[number % JOB_COLORS.length] ?? "39", text),
  };
}

function wrap(parameters: string, text: string): string {
  return text === "" ? "" : `\u001B[${parameters}m${text}\u001B[0m`;
}
