import type { Options } from "tsup";

type EsbuildPlugin = NonNullable<Options["esbuildPlugins"]>[number];

/** What `loadPage()` of `@loom/html-report` gives. */
interface BundledPage {
  readonly loadPage: () => Promise<object>;
}

/**
 * An esbuild plugin: puts the bundled page of reports in place of the file that bundles it.
 *
 * That file is asked for the bundle itself, so that a report is the same from sources and from what is built.
 */
export function embedPage(): EsbuildPlugin {
  return {
    name: "embed-page",
    setup(build) {
      build.onLoad({ filter: /html-report\/src\/page-bundle\.ts$/ }, async ({ path }) => {
        const { loadPage } = (await import(path)) as BundledPage;
        const page = JSON.stringify(await loadPage());
        return { contents: `export async function loadPage() { return ${page}; }`, loader: "js" };
      });
    },
  };
}
