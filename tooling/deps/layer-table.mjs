import { LAYERS } from "./layers.mjs";

const HEADER = ["package", "may import", "npm packages", "`node:*`"];

/**
 * The layers as rows of cells, in the order of `LAYERS`: package, what it may import, npm packages, whether it
 * may use Node's built-ins. A package's second entry has its own row, below it.
 *
 * @returns {string[][]}
 */
export function layerRows() {
  return LAYERS.flatMap((layer) => [
    rowOf(title(layer), layer.mayImport, layer),
    ...(layer.entries ?? []).map((entry) =>
      rowOf(`${layer.name}/${entry.name}`, [...layer.mayImport, ...entry.mayImport], {
        thirdParty: layer.thirdParty,
        nodeBuiltins: entry.nodeBuiltins,
      }),
    ),
  ]);
}

/**
 * Reads the layer table from a Markdown page.
 *
 * @param {string} page
 * @returns {string[][] | undefined} Its rows without code marks; `undefined` if the page has no such table.
 */
export function readLayerTable(page) {
  const lines = page.split("\n");
  const start = lines.findIndex((line) => sameCells(cellsOf(line), HEADER));
  if (start === -1) return undefined;
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  return lines.slice(start + 2, end === -1 ? undefined : end).map(cellsOf);
}

/** The table as Markdown, for pasting into a page. */
export function layerTable() {
  const rows = [HEADER, HEADER.map(() => "---"), ...layerRows()];
  return rows.map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function title(layer) {
  return layer.root === "apps" ? `apps/${layer.name}` : layer.name;
}

function rowOf(name, mayImport, { thirdParty, nodeBuiltins }) {
  return [name, listOf(mayImport), listOf(thirdParty), nodeBuiltins ? "yes" : "no"];
}

function listOf(names) {
  return names.length === 0 ? "none" : names.join(", ");
}

function cellsOf(line) {
  return line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll(/`(?!node:)([^`]*)`/g, "$1"));
}

function sameCells(one, other) {
  return one.length === other.length && one.every((cell, index) => cell === other[index]);
}

if (import.meta.main) console.log(layerTable());
