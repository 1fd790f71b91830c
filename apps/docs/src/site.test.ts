import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { posix } from "node:path";
import { parse, type DefaultTreeAdapterTypes } from "parse5";
import { beforeAll, describe, expect, test } from "vitest";
import { sectionsOf } from "./markdown-sections.ts";
import { ADDRESS, readSource, ROOT, SITE_FOLDER } from "./repository.ts";
import { GROUPS } from "./site-map.ts";

type Node = DefaultTreeAdapterTypes.Node;

/** What a built page has. */
interface BuiltPage {
  /** Such as `/guides/import.html`. */
  readonly path: string;
  readonly ids: ReadonlySet<string>;
  /** Of links and pictures, each once. */
  readonly targets: ReadonlySet<string>;
}

/** The questions of newcomers that somebody once collected; each has an answer in docs/questions.md. */
const QUESTIONS = 20;

const pages = new Map<string, BuiltPage>();

describe("the built site", () => {
  beforeAll(() => {
    for (const file of globSync("**/*.html", { cwd: SITE_FOLDER })) {
      const page = readPage(`/${file.replaceAll("\\", "/")}`);
      pages.set(page.path, page);
    }
  });

  test("has a page for each in the sidebar", () => {
    const missing = sidebarPages()
      .map(({ route }) => `/${route}.html`)
      .filter((path) => !pages.has(path));
    expect(missing).toEqual([]);
  });

  test("has no link, anchor or picture that leads nowhere", () => {
    const targets = [...pages.values()].flatMap((page) =>
      [...page.targets].map((target) => ({ page, target })),
    );
    // Fewer than there are now, so that a page without links is noticed.
    expect(targets.length).toBeGreaterThan(3000);
    const broken = targets
      .filter(({ page, target }) => !isThere(page, target))
      .map(({ page, target }) => `${page.path}: ${target}`);
    expect(broken).toEqual([]);
  });

  test("has diagrams drawn, and loads nothing of other sites for them", () => {
    const page = readFileSync(`${SITE_FOLDER}/reference/lifecycle.html`, "utf8");
    expect(page.match(/<div class="diagram"[^>]*><svg /gu)).toHaveLength(2);
    expect(page).not.toMatch(/@import|<script[^>]+src="https?:|<link[^>]+href="https?:[^>]+stylesheet/u);
  });

  test("leads from its start to the questions and through four doors", () => {
    const { targets } = pages.get("/index.html") ?? { targets: new Set<string>() };
    for (const place of ["/questions", "/start/install", "/guides/import", "/reference/workflow"])
      expect([...targets].some((target) => target === place || target === `${place}.html`)).toBe(true);
    expect([...targets]).toContain("/packages/");
  });
});

describe("the sidebar", () => {
  test("has every page of docs/ and the README of every package", () => {
    const sources = new Set(sidebarPages().map(({ source }) => source));
    const files = globSync(["docs/*.md", "packages/*/README.md", "apps/*/README.md"], { cwd: ROOT });
    expect(files.filter((file) => !sources.has(file) && file !== "apps/docs/README.md")).toEqual([]);
  });

  test("has every part of README.md, of which the start page shows the beginning", () => {
    const shown = new Set(
      sidebarPages()
        .filter(({ source }) => source === "README.md")
        .flatMap(({ sections = [] }) => sections),
    );
    const parts = sectionsOf(readSource("README.md")).filter(({ level }) => level === 2);
    expect(parts.map(({ anchor }) => anchor).filter((anchor) => !shown.has(anchor))).toEqual([
      "where-to-go-next",
    ]);
  });
});

describe("docs/questions.md", () => {
  const answers = sectionsOf(readSource("docs/questions.md")).filter(({ level }) => level === 2);

  test("answers all questions of a newcomer", () => {
    expect(answers.length).toBeGreaterThanOrEqual(QUESTIONS);
  });

  test.each(answers)("answers in one or two sentences with one link: $title", ({ text }) => {
    const answer = text.split("\n").slice(1).join(" ").trim();
    const prose = answer.replaceAll(/`[^`]*`/gu, "code").replaceAll(/\]\([^)]*\)/gu, "]");
    expect(prose.split(/[.?!](?:\s|$)/u).filter((part) => part.trim() !== "").length).toBeLessThanOrEqual(2);
    expect(answer.match(/\]\(/gu) ?? []).toHaveLength(1);
  });
});

function sidebarPages() {
  return GROUPS.flatMap((group) => group.pages);
}

function readPage(path: string): BuiltPage {
  const ids = new Set<string>();
  const targets = new Set<string>();
  const visit = (node: Node): void => {
    if ("attrs" in node)
      for (const { name, value } of node.attrs) {
        if (name === "id") ids.add(value);
        if ((name === "href" || name === "src") && value !== "") targets.add(value);
      }
    if ("childNodes" in node) for (const child of node.childNodes) visit(child);
  };
  visit(parse(readFileSync(`${SITE_FOLDER}${path}`, "utf8")));
  return { path, ids, targets };
}

/** Whether a page, its part, a file of the site or a file of the repository is there. Other places are not looked at. */
function isThere(from: BuiltPage, target: string): boolean {
  const [address = "", anchor = ""] = target.split("#");
  const ofRepository = [`${ADDRESS}/blob/main/`, `${ADDRESS}/tree/main/`].find((start) =>
    address.startsWith(start),
  );
  if (ofRepository !== undefined) return existsSync(`${ROOT}${address.slice(ofRepository.length)}`);
  if (/^[a-z]+:/u.test(address)) return true;
  const path = address === "" ? from.path : posix.resolve(posix.dirname(from.path), address);
  const candidates = address.endsWith("/") ? [posix.join(path, "index.html")] : [path, `${path}.html`];
  const page = candidates.map((candidate) => pages.get(candidate)).find((each) => each !== undefined);
  if (page !== undefined) return anchor === "" || page.ids.has(decodeURIComponent(anchor));
  return anchor === "" && statSync(`${SITE_FOLDER}${path}`, { throwIfNoEntry: false })?.isFile() === true;
}
