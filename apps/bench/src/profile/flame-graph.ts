import { areaOf, areasOf, type Frame, type Profile, type ProfileNode } from "./areas.ts";

/** Calls of one function from one place, and their time with what they called, in microseconds. */
interface Flame {
  readonly frame: Frame;
  readonly calls: Map<string, Flame>;
  time: number;
}

const WIDTH = 1200;
const ROW = 17;
const HEAD = 44;
/** Pixels of a letter. */
const LETTER = 6.2;
/** A box narrower than this, in pixels, is left out with all that it called. */
const LEAST = 1.5;

const COLOURS: readonly (readonly [area: string, colour: string])[] = [
  ["starting processes", "#e4794a"],
  ["opening files and folders", "#d9a441"],
  ["writing to files", "#c9b458"],
  ["encoding of records and documents", "#7fae5a"],
  ["engine, machine and schedule", "#5aa8a0"],
  ["validation", "#6a94d4"],
  ["output and ends of processes", "#8f85d6"],
  ["reading the workflow", "#b87fc4"],
  ["garbage collection", "#c76b7a"],
];
const OTHER = "#9aa0ab";

/**
 * A profile as a flame graph in SVG: the wider a box, the longer its function and what it called took; below each
 * box are those it called. The time of waiting and of loading modules is left out.
 */
export function flameGraph(profile: Profile, title: string): string {
  const root = treeOf(profile);
  const boxes: string[] = [];
  let depth = 0;
  const scale = WIDTH / Math.max(root.time, 1);
  const draw = (flame: Flame, x: number, row: number): void => {
    depth = Math.max(depth, row);
    let at = x;
    for (const call of widestFirst(flame)) {
      const width = call.time * scale;
      if (width < LEAST) break;
      boxes.push(box(call, { x: at, row, width, share: call.time / root.time }));
      draw(call, at, row + 1);
      at += width;
    }
  };
  draw(root, 0, 0);
  const height = HEAD + (depth + 1) * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title">`,
    `<title id="title">${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fdfdfb"/>`,
    `<g font-family="ui-sans-serif, system-ui, sans-serif" font-size="11" fill="#1d1f24">`,
    `<text x="4" y="14" font-weight="bold">${escaped(title)}</text>`,
    ...legend(),
    ...boxes,
    "</g>",
    "</svg>\n",
  ].join("\n");
}

/** Equal calls of equal calls are one. */
function treeOf({ nodes, samples, timeDeltas }: Profile): Flame {
  const own = new Map<number, number>();
  for (const [index, sample] of samples.entries())
    own.set(sample, (own.get(sample) ?? 0) + (timeDeltas[index] ?? 0));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const areas = areasOf(nodes);
  const root: Flame = { frame: { functionName: "", url: "" }, calls: new Map(), time: 0 };
  const [first] = nodes;
  if (first === undefined) return root;
  const waiting: [node: ProfileNode, above: Flame][] = childrenOf(first, byId).map((node) => [node, root]);
  const line: Flame[] = [];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [node, above] = next;
    const area = areas.get(node.id);
    if (area === "waiting" || node.callFrame.functionName === "(program)") continue;
    // What the loader calls is shown without the loader; modules that run for the first time are part of the program.
    const flame = area === undefined ? above : calledFrom(above, node.callFrame, line);
    if (area !== undefined) flame.time += own.get(node.id) ?? 0;
    for (const child of childrenOf(node, byId)) waiting.push([child, flame]);
  }
  // Callers stand before those they called.
  for (const flame of line.toReversed()) for (const call of flame.calls.values()) flame.time += call.time;
  for (const call of root.calls.values()) root.time += call.time;
  return root;
}

function childrenOf(
  { children = [] }: ProfileNode,
  byId: ReadonlyMap<number, ProfileNode>,
): readonly ProfileNode[] {
  return children.flatMap((id) => byId.get(id) ?? []);
}

function calledFrom(above: Flame, frame: Frame, line: Flame[]): Flame {
  const key = `${frame.functionName} ${frame.url}`;
  const known = above.calls.get(key);
  if (known !== undefined) return known;
  const flame: Flame = { frame, calls: new Map(), time: 0 };
  above.calls.set(key, flame);
  line.push(flame);
  return flame;
}

function widestFirst({ calls }: Flame): readonly Flame[] {
  return [...calls.values()].toSorted((a, b) => b.time - a.time);
}

interface Place {
  readonly x: number;
  readonly row: number;
  readonly width: number;
  readonly share: number;
}

function box({ frame }: Flame, { x, row, width, share }: Place): string {
  const y = HEAD + row * ROW;
  const name = frame.functionName === "" ? "(anonymous)" : frame.functionName;
  const where =
    frame.url === "" ? "" : ` · ${frame.url.replace(/^.*\/(?=(?:packages|node_modules|apps)\/)/, "")}`;
  const colour = COLOURS.find(([area]) => area === areaOf(frame))?.[1] ?? OTHER;
  const letters = Math.floor((width - 6) / LETTER);
  const shown = name.length <= letters ? name : `${name.slice(0, letters - 1)}…`;
  const label = letters < 3 ? "" : `<text x="${round(x + 3)}" y="${y + 12}">${escaped(shown)}</text>`;
  const tip = escaped(`${name}${where} · ${(share * 100).toFixed(1)} %`);
  return `<g><title>${tip}</title><rect x="${round(x)}" y="${y}" width="${round(width - 0.5)}" height="${ROW - 1}" fill="${colour}"/>${label}</g>`;
}

function legend(): readonly string[] {
  let x = 4;
  return [...COLOURS, ["other parts of Loom and Node", OTHER] as const].map(([area, colour]) => {
    const mark = `<rect x="${round(x)}" y="24" width="10" height="10" fill="${colour}"/><text x="${round(x + 13)}" y="33" font-size="9.5">${area}</text>`;
    x += 13 + area.length * 5.4 + 9;
    return mark;
  });
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
