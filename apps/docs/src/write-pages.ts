import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { commandLinePage } from "./generated/command-line-page.ts";
import { configurationPage } from "./generated/configuration-page.ts";
import { homePage } from "./generated/home-page.ts";
import type { Reference } from "./generated/reference.ts";
import { schemasPage } from "./generated/schemas-page.ts";
import { sectionsOf } from "./markdown-sections.ts";
import { ADDRESS, APP, PAGES_FOLDER, readSource, ROOT } from "./repository.ts";
import { HOME, PAGES, type SitePage } from "./site-map.ts";

const REFERENCE = `${APP}temp/reference.json`;

writePages();

/** Puts the pages together that the site is built from: those of the repository, and those that the program describes. */
function writePages(): void {
  rmSync(PAGES_FOLDER, { recursive: true, force: true });
  mkdirSync(`${PAGES_FOLDER}/public`, { recursive: true });
  cpSync(`${ROOT}docs/pictures`, `${PAGES_FOLDER}/public/pictures`, { recursive: true });
  cpSync(`${APP}assets`, `${PAGES_FOLDER}/public`, { recursive: true });
  const generated = generatedPages();
  for (const page of PAGES) {
    const path = `${PAGES_FOLDER}/${page.route}.md`;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, generated.get(page.route) ?? pageOfSource(page));
  }
}

function generatedPages(): ReadonlyMap<string, string> {
  const reference = readReference();
  return new Map([
    [HOME.route, homePage(readSource("README.md"), readSource("docs/install.md"))],
    ["reference/command-line", commandLinePage(reference)],
    ["reference/configuration", configurationPage(reference)],
    ["reference/schemas", schemasPage(reference)],
  ]);
}

/** What the program says of itself. It runs from its sources, so nothing has to be built. */
function readReference(): Reference {
  const script = `${ROOT}apps/loom/src/reference/write-reference.ts`;
  execFileSync(process.execPath, ["--conditions=@loom/source", script, REFERENCE], { stdio: "inherit" });
  return JSON.parse(readFileSync(REFERENCE, "utf8")) as Reference;
}

/** A page of the repository, or parts of one. Its links stay as they are: the site resolves them when it reads the page. */
function pageOfSource({ route, text, source, sections }: SitePage): string {
  if (source === undefined) throw new Error(`Nothing writes the page "${route}"`);
  const head = `---\norigin: ${ADDRESS}/blob/main/${source}\n---\n\n`;
  const markdown = readSource(source);
  if (sections === undefined) return `${head}${markdown}`;
  const parts = sections.map((anchor) => partOf(markdown, anchor));
  if (parts.length > 1) return `${head}# ${text}\n\n${parts.join("\n\n")}\n`;
  return `${head}${parts.join("").replace(/^## /u, "# ")}\n`;
}

/** A second-level heading of a page with all below it. */
function partOf(markdown: string, anchor: string): string {
  const all = sectionsOf(markdown);
  const start = all.findIndex((section) => section.anchor === anchor);
  if (start === -1) throw new Error(`There is no heading "${anchor}"`);
  const length = all.slice(start + 1).findIndex(({ level }) => level <= 2);
  const end = length === -1 ? undefined : start + 1 + length;
  return all
    .slice(start, end)
    .map(({ text }) => text.trim())
    .join("\n\n");
}
