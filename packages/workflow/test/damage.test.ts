import { expect, test } from "vitest";
import { compileWorkflow } from "../src/index.ts";
import { fixtureNames, fixtureText } from "./fixture-files.ts";

const realWorld = fixtureNames.filter((name) => name.startsWith("real-world/"));

/** One place in so many is damaged: every one of them takes two minutes. LOOM_FUZZ_STEP=1 takes them all. */
const STEP = Number(process.env["LOOM_FUZZ_STEP"] ?? 41);

test.each(realWorld)("one wrong character in %s makes at most two problems of syntax", (name) => {
  const text = fixtureText(name);
  const puts = ["", "\t", '"', "'", "[", "{", "]", "}", ":"];
  expect(text.length).toBeGreaterThan(500);
  for (let at = 0; at < text.length; at += STEP) {
    for (const put of puts) {
      const damaged = text.slice(0, at) + put + text.slice(put === "" ? at + 1 : at);
      const result = compileWorkflow({ path: "w.yml", text: damaged });
      const found = result.ok ? [] : result.error.filter(({ code }) => code === "WF_YAML");
      const places = found.map(({ line, column, message }) => `${line}:${column} ${message}`);
      expect(places.length, `${JSON.stringify(put)} at ${at}: ${places.join("; ")}`).toBeLessThan(3);
    }
  }
});
