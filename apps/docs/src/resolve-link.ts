import { statSync } from "node:fs";
import { posix } from "node:path";
import { sectionsOf } from "./markdown-sections.ts";
import { ADDRESS, readSource, ROOT } from "./repository.ts";
import { HOME, PAGES, type SitePage } from "./site-map.ts";

/** How a published README names files of the repository. */
const FILES = `${ADDRESS}/blob/main/`;
const FOLDERS = `${ADDRESS}/tree/main/`;

/**
 * Where a link of a file in the repository leads on the site: to a page, or to the file at the repository's address.
 * A link elsewhere stays as it is.
 */
export function resolveLink(source: string, href: string): string {
  const inRepository = [FILES, FOLDERS].find((start) => href.startsWith(start));
  if (inRepository === undefined && /^(?:[a-z]+:|\/)/u.test(href)) return href;
  const [file = "", named] = (
    inRepository === undefined ? href : `/${href.slice(inRepository.length)}`
  ).split("#");
  // The address of a folder with this anchor shows its README from the top.
  const anchor = named === "readme" ? undefined : named;
  const path = file === "" ? source : posix.join(file.startsWith("/") ? "" : posix.dirname(source), file);
  const name = path.replaceAll(/^\/|\/$/gu, "");
  const page = pageOf(name, anchor) ?? pageOf(`${name}/README.md`, anchor);
  const after = anchor === undefined ? "" : `#${anchor}`;
  if (page !== undefined) return `/${page.route.replace(/(?:^|(?<=\/))index$/u, "")}${after}`;
  return `${isFolder(name) ? FOLDERS : FILES}${name}${after}`;
}

/** The page that has this part of a file. Of a file that is cut up, that with no other place is on the home page. */
function pageOf(file: string, anchor: string | undefined): SitePage | undefined {
  const pages = PAGES.filter(({ source }) => source === file);
  const [first] = pages;
  if (first === undefined) return undefined;
  const heading = anchor === undefined ? undefined : secondLevelOf(file, anchor);
  return (
    pages.find(({ sections }) => sections?.includes(heading ?? "") === true) ??
    (first === HOME ? HOME : first)
  );
}

/** The second-level heading below which an anchor of a file is. */
function secondLevelOf(file: string, anchor: string): string | undefined {
  let heading: string | undefined;
  for (const section of sectionsOf(readSource(file))) {
    if (section.level <= 2) heading = section.anchor;
    if (section.anchor === anchor) return heading;
  }
  return undefined;
}

function isFolder(path: string): boolean {
  return statSync(`${ROOT}${path}`, { throwIfNoEntry: false })?.isDirectory() === true;
}
