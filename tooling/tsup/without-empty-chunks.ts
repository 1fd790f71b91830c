import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Options } from "tsup";

type Plugin = NonNullable<Options["plugins"]>[number];

/** A plugin for programs: removes the chunks in which esbuild left nothing, and the imports that would load them. */
export function withoutEmptyChunks(): Plugin {
  return {
    name: "without-empty-chunks",
    buildEnd() {
      removeEmptyChunks(this.options.outDir);
    },
  };
}

/** Removes the files of JavaScript without a character from a folder, and their imports from the others. */
export function removeEmptyChunks(folder: string): void {
  const texts = new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith(".js"))
      .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );
  const empty = [...texts].filter(([, text]) => text === "").map(([name]) => name);
  for (const name of empty) rmSync(join(folder, name));
  for (const [name, text] of texts) {
    const rest = empty.reduce((left, each) => left.replaceAll(`import"./${each}";`, ""), text);
    if (rest !== text) writeFileSync(join(folder, name), rest);
  }
}
