/** Numbered parts of texts that not every reader has. */
const ELSEWHERE = /\b(?:spec(?:ification)?s? §? ?\d+(?:\.\d+)?|tui part \d+(?:\.\d+)?|style \d+\.\d+)/giu;

/** A page of the repository, with an anchor. */
const PAGE = /(?<![\w/@.:-])(?<page>(?:[\w.-]+\/)*[\w-]+\.md)#(?<anchor>[\w-]+)/gu;

/** The numbered parts that a text cites from outside the repository. */
export function citedElsewhere(text) {
  return [...text.matchAll(ELSEWHERE)].map(([cited]) => cited);
}

/** The page anchors that a source cites, such as `docs/contract.md#events`; `page` is relative to the root. */
export function citedAnchors(source) {
  return [...source.matchAll(PAGE)].map(({ groups }) => ({ page: groups.page, anchor: groups.anchor }));
}

/** The anchors of a page's headings, as on GitHub. */
export function anchorsOf(markdown) {
  return new Set(sectionsOf(markdown).map(({ anchor }) => anchor));
}

/**
 * The parts of a page, in order, each from its heading to the next one; what comes before the first is in none.
 *
 * @param {string} markdown
 * @returns {{ anchor: string, title: string, level: number, text: string }[]}
 */
export function sectionsOf(markdown) {
  const seen = new Map();
  const sections = [];
  let fence;
  for (const line of markdown.split("\n")) {
    const [mark] = /^`{3,}/u.exec(line) ?? [];
    if (mark !== undefined && fence === undefined) fence = mark;
    else if (line === fence) fence = undefined;
    const [, marks, title] = (fence === undefined && /^(#{1,6}) (.*)$/u.exec(line)) || [];
    if (marks === undefined) {
      const last = sections.at(-1);
      if (last !== undefined) last.text += `\n${line}`;
      continue;
    }
    const slug = slugOf(title);
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    const anchor = times === 0 ? slug : `${slug}-${times}`;
    sections.push({ anchor, title, level: marks.length, text: line });
  }
  return sections;
}

function slugOf(heading) {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/gu, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .trim()
    .replaceAll(" ", "-");
}
