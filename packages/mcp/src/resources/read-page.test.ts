import { expect, test } from "vitest";
import { docsIndex, readPage } from "./read-page.ts";

const PAGES = [
  {
    name: "page",
    sections: [
      { anchor: "page", title: "Page", level: 1, text: "# Page\n\nIntroduction." },
      { anchor: "one", title: "One", level: 2, text: "## One\n\nFirst." },
      { anchor: "part", title: "Part", level: 3, text: "### Part\n\nOf the first." },
      { anchor: "two", title: "Two", level: 2, text: "## Two\n\nSecond." },
    ],
  },
];

function textIn(read: ReturnType<typeof readPage>): string {
  return read.ok ? read.value : read.error.message;
}

test("a section comes with what is below it, and a short page whole", () => {
  expect(readPage(PAGES, { name: "page", anchor: "one" })).toEqual({
    ok: true,
    value: "## One\n\nFirst.\n### Part\n\nOf the first.",
  });
  expect(readPage(PAGES, { name: "page", anchor: "two" })).toEqual({ ok: true, value: "## Two\n\nSecond." });
  expect(textIn(readPage(PAGES, { name: "page", anchor: "" }))).toContain("## Two");
});

test("a long page is its introduction and where its sections are", () => {
  const [{ name, sections }] = PAGES as [(typeof PAGES)[number]];
  const long = [{ name, sections: sections.map((each) => ({ ...each, text: each.text.padEnd(9000, ".") })) }];
  const read = textIn(readPage(long, { name, anchor: "" }));
  expect(read).toContain("  - One: loom://docs/page#one");
  expect(read).not.toContain("Second.");
});

test("says what there is for what is not there", () => {
  expect(docsIndex(PAGES)).toContain("- Page: loom://docs/page\n  - One: loom://docs/page#one\n    - Part:");
  expect(readPage(PAGES, { name: "none", anchor: "" })).toMatchObject({ ok: false });
  expect(readPage(PAGES, { name: "page", anchor: "none" })).toMatchObject({ ok: false });
});
