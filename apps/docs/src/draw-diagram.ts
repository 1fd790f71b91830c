import { renderMermaidSVG } from "beautiful-mermaid";

/** Its colours are those of the page, in both looks. */
const LOOK = {
  bg: "var(--vp-c-bg)",
  fg: "var(--vp-c-text-1)",
  muted: "var(--vp-c-text-2)",
  line: "var(--vp-c-text-3)",
  font: "inherit",
  padding: 8,
  transparent: true,
} as const;

/** A font of another site, which nobody who reads a page asked for. */
const FOREIGN_FONT = /^\s*@import url\([^)]*\);$/mu;

/**
 * Draws a diagram in the language of Mermaid, as a picture in HTML that Vue leaves alone. A browser needs no program for it.
 *
 * @param title - What it shows, for who does not see it.
 */
export function drawDiagram(mermaid: string, title: string): string {
  const picture = renderMermaidSVG(mermaid, LOOK).replace(FOREIGN_FONT, "");
  // An expression of Vue: it takes no <style> in its templates.
  const expression = JSON.stringify(picture).replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  return `<div class="diagram" role="img" tabindex="0" aria-label="${title}" v-html="${expression}"></div>`;
}
