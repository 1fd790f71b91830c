/** What a colour means. The first ten are the states of docs/terminal.md#colours-and-signs. */
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
  | "bold"
  /** What has the keys. */
  | "focus"
  /** The row that is selected where the keys are. */
  | "selected"
  /** What was looked for. */
  | "match";

/** Paints text for a terminal, or leaves it as it is. */
export interface Palette {
  /** Whether there are colours; then those of jobs may stay as well. */
  readonly color: boolean;
  /** Whether what is selected or was looked for stands out: by a colour, or reversed. */
  readonly highlights: boolean;
  /** Gives the text its colour; nothing is left switched on behind it. */
  paint(tone: Tone, text: string): string;
  /** Gives the text the colour of the job with this number, from 0. */
  paintJob(number: number, text: string): string;
}

/**
 * Which colours: none; `mono`, none but bold, dim and reversed, for a screen; the 16 that every terminal theme defines; or `cb`, blue
 * and orange in place of green and red, which people with any kind of colour
 * vision tell apart, in 24 bits for dark or light grounds or out of the 16.
 */
export type PaletteMode = "none" | "mono" | "ansi16" | "cb16" | "cb" | "cb-light";

/** SGR parameters by meaning. Source: docs/terminal.md#colours-and-signs; `failed` is bold, because plain red is hard to read. */
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
  focus: "36",
  selected: "7",
  match: "30;43",
};

/** What `cb` changes. Source: docs/terminal.md#colours-and-signs, measured with the Machado 2009 model. */
const CB16: Partial<{ readonly [T in Tone]: string }> = {
  running: "35",
  success: "94",
  cached: "34",
  failed: "1;7",
  focus: "94",
};

const CB: Partial<{ readonly [T in Tone]: string }> = {
  ...CB16,
  running: "38;2;204;121;167",
  success: "38;2;86;180;233",
  cached: "38;2;86;180;233;2",
  failed: "1;38;2;230;97;0",
  allowed: "38;2;240;228;66",
  cancelled: "38;2;240;228;66",
  waiting: "38;2;140;140;140",
  blocked: "38;2;140;140;140",
  skipped: "38;2;140;140;140",
};

/** Darker tones: sky blue and yellow cannot be read on white. */
const CB_LIGHT: Partial<{ readonly [T in Tone]: string }> = {
  ...CB,
  running: "38;2;148;62;112",
  success: "38;2;0;101;163",
  cached: "38;2;0;101;163;2",
  failed: "1;38;2;181;64;0",
  allowed: "38;2;117;102;0",
  cancelled: "38;2;117;102;0",
  waiting: "38;2;95;95;95",
  blocked: "38;2;95;95;95",
  skipped: "38;2;95;95;95",
};

/** What stays where colours are unwanted. */
const MONO: Partial<{ readonly [T in Tone]: string }> = {
  failed: "1",
  dim: "2",
  bold: "1",
  focus: "1",
  selected: "7",
  match: "7",
};

const THEMES: {
  readonly [M in Exclude<PaletteMode, "none" | "mono">]: Partial<{ readonly [T in Tone]: string }>;
} = {
  ansi16: {},
  cb16: CB16,
  cb: CB,
  "cb-light": CB_LIGHT,
};

/** Colours that tell jobs apart; red and green are left to states. */
const JOB_COLORS = ["36", "35", "34", "33", "96", "95", "94", "93"] as const;

/** Makes the palette of a mode. */
export function createPalette(mode: PaletteMode): Palette {
  const asItIs = (_tone: unknown, text: string): string => text;
  if (mode === "none") return { color: false, highlights: false, paint: asItIs, paintJob: asItIs };
  if (mode === "mono") {
    return {
      color: false,
      highlights: true,
      paint: (tone, text) => {
        const parameters = MONO[tone];
        return parameters === undefined ? text : wrap(parameters, text);
      },
      paintJob: asItIs,
    };
  }
  const tones = { ...TONES, ...THEMES[mode] };
  return {
    color: true,
    highlights: true,
    paint: (tone, text) => wrap(tones[tone], text),
    paintJob: (number, text) => wrap(JOB_COLORS[number % JOB_COLORS.length] ?? "39", text),
  };
}

function wrap(parameters: string, text: string): string {
  return text === "" ? "" : `\u001B[${parameters}m${text}\u001B[0m`;
}
