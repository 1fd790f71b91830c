import { err, ok, type Result } from "@loom/core";
import type { Refusal } from "../answer/answer.ts";
import type { DocsPage, DocsSection } from "../mcp-server-options.ts";

/** A longer page is given by its sections. Unit: UTF-16 units. */
const WHOLE = 16_384;

/** What there is to read: the pages, each with its sections. */
export function docsIndex(pages: readonly DocsPage[]): string {
  return ["# Loom's documentation", ...pages.flatMap((page) => ["", ...contents(page)])].join("\n");
}

/**
 * A page, or one section of it with what is below it.
 *
 * A long page without an anchor is its introduction, and where its sections are.
 */
export function readPage(
  pages: readonly DocsPage[],
  { name, anchor }: { readonly name: string; readonly anchor: string },
): Result<string, Refusal> {
  const page = pages.find((each) => each.name === name);
  if (page === undefined)
    return err({ message: `There is no page "${name}"; loom://docs/index lists the pages` });
  if (anchor === "") {
    const whole = textOf(page.sections);
    return ok(
      whole.length <= WHOLE ? whole : [page.sections[0]?.text ?? "", ...contents(page).slice(1)].join("\n"),
    );
  }
  const first = page.sections.findIndex((section) => section.anchor === anchor);
  const section = page.sections[first];
  if (section === undefined)
    return err({ message: `Page "${name}" has no section "${anchor}"; loom://docs/index lists them` });
  const after = page.sections.findIndex(({ level }, index) => index > first && level <= section.level);
  return ok(textOf(page.sections.slice(first, after === -1 ? undefined : after)));
}

function textOf(sections: readonly DocsSection[]): string {
  return sections.map(({ text }) => text).join("\n");
}

function contents({ name, sections }: DocsPage): string[] {
  return sections.map(({ title, anchor, level }, index) =>
    index === 0
      ? `- ${title}: loom://docs/${name}`
      : `${"  ".repeat(Math.max(1, level - 1))}- ${title}: loom://docs/${name}#${anchor}`,
  );
}
