/** A part of a page: its heading and what follows, up to the next heading of any level. */
export interface MarkdownSection {
  readonly level: number;
  readonly title: string;
  /** As on GitHub. */
  readonly anchor: string;
  readonly text: string;
}

/** The parts of a page, in order; what comes before the first heading is in none. */
export function sectionsOf(markdown: string): readonly MarkdownSection[] {
  const times = new Map<string, number>();
  const sections: (MarkdownSection & { text: string })[] = [];
  let fence: string | undefined;
  for (const line of markdown.split("\n")) {
    const [mark] = /^`{3,}/u.exec(line) ?? [];
    if (fence === undefined) fence = mark;
    else if (line === fence) fence = undefined;
    const [, marks, title = ""] = (fence === undefined && /^(#{1,6}) (.*)$/u.exec(line)) || [];
    const last = sections.at(-1);
    if (marks === undefined) {
      if (last !== undefined) last.text += `\n${line}`;
      continue;
    }
    const slug = anchorOf(title);
    const before = times.get(slug) ?? 0;
    times.set(slug, before + 1);
    sections.push({
      level: marks.length,
      title,
      anchor: before === 0 ? slug : `${slug}-${before}`,
      text: line,
    });
  }
  return sections;
}

/** The anchor of a heading, as GitHub makes it: so a link holds there and on the site. */
export function anchorOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/gu, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .trim()
    .replaceAll(" ", "-");
}
