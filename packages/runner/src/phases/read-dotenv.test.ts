import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { readDotenv } from "./read-dotenv.ts";

function read(content: string | Uint8Array): ReturnType<typeof readDotenv> {
  const path = join(temporaryDirectory(), "build.env");
  writeFileSync(path, content);
  return readDotenv(path, "build.env");
}

test("readDotenv() takes the variables of lines, as they are written but for quotes around them", () => {
  const text = `# made by build\n\nA=1\nexport B = x\nB=two words \nC="in 'quotes' $HOME"\nD='#'\nE=\nA=last\r\nlower_1=a=b\n`;
  expect(read(text)).toEqual({
    variables: { A: "last", B: "two words", C: "in 'quotes' $HOME", D: "#", E: "", lower_1: "a=b" },
    warnings: ['Not NAME=value in "build.env", and left out: line 4'],
  });
});

test.each([
  ["is not text", new Uint8Array([0x41, 0x3d, 0xff]), "it is not text in UTF-8"],
  ["is too large", `A=${"x".repeat(70_000)}`, "it has more than 64 KiB"],
  [
    "has too many variables",
    Array.from({ length: 1_001 }, (_, i) => `A${i}=`).join("\n"),
    "it has more than 1000 variables",
  ],
])("readDotenv() takes nothing from a file that %s", (_, content, why) => {
  expect(read(content)).toEqual({
    variables: {},
    warnings: [`No variables are taken from "build.env": ${why}`],
  });
});

test("readDotenv() says that there is no file", () => {
  expect(readDotenv("/nowhere/build.env", "build.env").warnings[0]).toContain("no such file");
});
