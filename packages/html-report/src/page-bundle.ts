import { join } from "node:path";

/** The front end of the page, for any report. */
export interface PageBundle {
  readonly script: string;
  readonly style: string;
}

/**
 * The front end of the page, bundled from its sources.
 *
 * What is built has the result in place of this file (`embedPage` of `tooling/tsup`), so that it needs neither esbuild
 * nor Preact; this code runs where Loom runs from its sources, and in the build itself.
 */
export async function loadPage(): Promise<PageBundle> {
  const { build } = await import("esbuild");
  const page = join(import.meta.dirname, "page");
  const { outputFiles } = await build({
    entryPoints: [join(page, "main.tsx"), join(page, "page.css")],
    outdir: page,
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    conditions: ["@loom/source"],
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
  });
  const textOf = (end: string): string =>
    outputFiles.find(({ path }) => path.endsWith(end))?.text.trim() ?? "";
  return { script: textOf(".js"), style: textOf(".css") };
}
