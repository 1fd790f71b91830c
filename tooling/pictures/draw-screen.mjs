/**
 * Size of one character cell. Unit: SVG user units. The ratio is that of common monospaced fonts, which are 0.6
 * em wide.
 */
const CELL = { width: 8.4, height: 18, fontSize: 14, baseline: 13.5 };

/** Space around the text, and height of the bar at the top. */
const FRAME = { padding: 16, bar: 30 };

const BACKGROUND = "#16181d";
const FOREGROUND = "#d7dae0";
const BAR = "#24272e";
const TITLE = "#8b919d";

/** The 16 colours on a dark background, each with a contrast of at least 4.5 : 1 except the blacks. */
const COLORS = [
  "#3b4048",
  "#f2777a",
  "#8ccf7e",
  "#e5c76b",
  "#7aa6f5",
  "#c792ea",
  "#6cc7d9",
  "#c8ccd4",
  "#8b919d",
  "#ff9a9c",
  "#a8e29b",
  "#f2d98c",
  "#9cbdfa",
  "#dab3f5",
  "#93dcea",
  "#ffffff",
];

/**
 * Draws a screen as SVG, keeping text as text.
 *
 * @param {import("./parse-screen.mjs").Run[][]} rows
 * @param {{ columns: number, rows?: number, title: string, description: string }} options - `rows`: the minimum number.
 * @returns {string}
 */
export function drawScreen(rows, options) {
  return drawWindow(drawRows(rows), { ...options, rows: Math.max(rows.length, options.rows ?? 0) });
}

/**
 * Draws several screens as one SVG that shows one after another, again and
 * again. Who wants no motion sees the last one.
 *
 * @param {{ rows: import("./parse-screen.mjs").Run[][], forMs: number }[]} frames - With how long each is shown.
 * @param {{ columns: number, rows: number, title: string, description: string }} options
 * @returns {string}
 */
export function drawFilm(frames, options) {
  const wholeMs = frames.reduce((sum, { forMs }) => sum + forMs, 0);
  const percent = (ms) => `${round((ms / wholeMs) * 100)}%`;
  const rules = [`.frame{visibility:hidden;animation:${round(wholeMs / 1000)}s step-end infinite}`];
  const drawn = [];
  let sinceMs = 0;
  for (const [index, { rows, forMs }] of frames.entries()) {
    const steps = [
      ...(index === 0 ? [] : ["0%{visibility:hidden}"]),
      `${percent(sinceMs)}{visibility:visible}`,
      ...(index === frames.length - 1 ? [] : [`${percent(sinceMs + forMs)}{visibility:hidden}`]),
    ];
    rules.push(`@keyframes f${index}{${steps.join("")}}`, `#f${index}{animation-name:f${index}}`);
    drawn.push(`<g class="frame" id="f${index}">`, ...drawRows(rows), "</g>");
    sinceMs += forMs;
  }
  rules.push(
    `@media (prefers-reduced-motion:reduce){.frame{animation:none}#f${frames.length - 1}{visibility:visible}}`,
  );
  return drawWindow([`<style>${rules.join("")}</style>`, ...drawn], options);
}

function drawRows(rows) {
  return rows.flatMap((runs, row) => runs.flatMap((run) => drawRun(run, row)));
}

function drawWindow(drawn, options) {
  const width = round(options.columns * CELL.width + 2 * FRAME.padding);
  const height = options.rows * CELL.height + 2 * FRAME.padding + FRAME.bar;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escape(options.title)}</title>`,
    `<desc id="desc">${escape(options.description)}</desc>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    `<path d="M0 ${FRAME.bar}V8a8 8 0 0 1 8-8H${width - 8}a8 8 0 0 1 8 8V${FRAME.bar}z" fill="${BAR}"/>`,
    `<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${CELL.fontSize}" fill="${FOREGROUND}">`,
    `<text x="${width / 2}" y="20" font-size="12" text-anchor="middle" fill="${TITLE}">${escape(options.title)}</text>`,
    ...drawn,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

function drawRun({ column, text, style }, row) {
  const x = round(FRAME.padding + column * CELL.width);
  const top = FRAME.bar + FRAME.padding + row * CELL.height;
  const width = round(Array.from(text).length * CELL.width);
  const color = style.color === undefined ? FOREGROUND : COLORS[style.color];
  const ground = style.background === undefined ? undefined : COLORS[style.background];
  const [ink, behind] = style.reverse ? [ground ?? BACKGROUND, color] : [color, ground];
  const shapes = [];
  if (behind !== undefined) {
    shapes.push(`<rect x="${x}" y="${top}" width="${width}" height="${CELL.height}" fill="${behind}"/>`);
  }
  const attributes = [
    ...(ink === FOREGROUND ? [] : [`fill="${ink}"`]),
    ...(style.bold ? ['font-weight="bold"'] : []),
    ...(style.dim ? ['opacity="0.6"'] : []),
    ...(style.italic ? ['font-style="italic"'] : []),
    ...(style.underline ? ['text-decoration="underline"'] : []),
  ];
  // Viewers disagree about repeated spaces, so a new element starts after each gap.
  for (const { 0: words, index } of text.matchAll(/\S+(?: \S+)*/gu)) {
    const from = round(x + Array.from(text.slice(0, index)).length * CELL.width);
    // A reader's font may be wider or narrower than the cell: the length keeps columns aligned.
    const length = round(Array.from(words).length * CELL.width);
    const place = `x="${from}" y="${round(top + CELL.baseline)}" textLength="${length}" lengthAdjust="spacingAndGlyphs"`;
    shapes.push(`<text ${[place, ...attributes].join(" ")}>${escape(words)}</text>`);
  }
  return shapes;
}

function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function round(number) {
  return Math.round(number * 100) / 100;
}
