import { withoutFencedBlocks } from "./fenced-blocks.mjs";

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
  const seen = new Map();
  return new Set(
    withoutFencedBlocks(markdown)
      .split("\n")
      .filter((text) => /^#{1,6} /u.test(text))
      .map((text) => {
        const slug = slugOf(text.replace(/^#+ /u, ""));
        const times = seen.get(slug) ?? 0;
        seen.set(slug, times + 1);
        return times === 0 ? slug : `${slug}-${times}`;
      }),
  );
}

function slugOf(heading) {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/gu, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .trim()
    .replaceAll(" ", "-");
}
