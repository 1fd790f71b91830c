import { expect, test } from "vitest";
import { AGENTS_SECTION, withAgentsSection } from "./agents-section.ts";

test("withAgentsSection() adds the section once, and keeps what is there", () => {
  expect(withAgentsSection("")).toBe(AGENTS_SECTION);
  const text = withAgentsSection("# Agents");
  expect(text).toBe(`# Agents\n\n${AGENTS_SECTION}`);
  expect(withAgentsSection(text ?? "")).toBeUndefined();
  expect(AGENTS_SECTION.trimEnd().split("\n").length).toBeLessThanOrEqual(12);
});
