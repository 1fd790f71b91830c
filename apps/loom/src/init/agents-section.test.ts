import { expect, test } from "vitest";
import { AGENTS_SECTION, withAgentsSection } from "./agents-section.ts";

test("withAgentsSection() adds the section once, and keeps what is there", () => {
  expect(withAgentsSection("")).toEqual({ ok: true, value: AGENTS_SECTION });
  const text = `# Agents\n\n${AGENTS_SECTION}`;
  expect(withAgentsSection("# Agents")).toEqual({ ok: true, value: text });
  expect(withAgentsSection(text)).toEqual({ ok: true, value: text });
  expect(AGENTS_SECTION.trimEnd().split("\n").length).toBeLessThanOrEqual(12);
});

test("withAgentsSection() replaces an old section, and no other text", () => {
  const old = "a\r\n\r\n<!-- loom:begin -->\r\nOld.\r\n<!-- loom:end --> b\r\n<!-- loom:end -->";
  expect(withAgentsSection(old)).toEqual({
    ok: true,
    value: `a\r\n\r\n${AGENTS_SECTION.trimEnd()} b\r\n<!-- loom:end -->`,
  });
});

test("withAgentsSection() leaves a section alone whose end it does not know", () => {
  expect(withAgentsSection("<!-- loom:end -->\n<!-- loom:begin -->\nMine")).toEqual({
    ok: false,
    error: "its section about Loom has no end. Put <!-- loom:end --> behind it",
  });
});
