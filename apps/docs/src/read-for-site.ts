import type { MarkdownOptions } from "vitepress";
import { drawDiagram } from "./draw-diagram.ts";
import { resolveLink } from "./resolve-link.ts";
import { HOME, PAGES } from "./site-map.ts";

type MarkdownIt = Parameters<NonNullable<MarkdownOptions["config"]>>[0];

/** What VitePress tells of the page that is read. */
interface PageEnvironment {
  readonly relativePath?: string;
}

/** The folder of the pictures, in the repository and on the site. */
const PICTURES = { inRepository: /^(?:\.\.\/)*(?:docs\/)?pictures\//u, onSite: "/pictures/" };

/**
 * Has the pages of the repository read so that they work on the site, too: links between files lead to pages, and nothing but
 * the start page, which is written for the site, contains HTML or what Vue would replace.
 */
export function readForSite(md: MarkdownIt): void {
  md.core.ruler.push("links-of-the-repository", ({ tokens, env }) => {
    const source = sourceOf((env as PageEnvironment).relativePath);
    if (source === undefined) return;
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const isOfHeading = token.attrGet("class") === "header-anchor";
      if (token.type === "link_open" && !isOfHeading)
        token.attrSet("href", resolveLink(source, token.attrGet("href") ?? ""));
      if (token.type === "image") {
        const picture = token.attrGet("src") ?? "";
        token.attrSet("src", picture.replace(PICTURES.inRepository, PICTURES.onSite));
      }
    }
  });
  // A sample says more behind its language than the site needs: "ts no-check: …", "yaml job".
  md.core.ruler.push("languages", ({ tokens }) => {
    for (const token of tokens)
      if (token.type === "fence") {
        const [language = ""] = token.info.split(" ");
        token.info = language === "tree" ? "text" : language;
      }
  });
  const { escapeHtml } = md.utils;
  const { fence } = md.renderer.rules;
  md.renderer.rules["fence"] = (tokens, index, options, env: unknown, renderer) => {
    const block = fence?.(tokens, index, options, env, renderer) ?? "";
    const { info = "", content = "" } = tokens[index] ?? {};
    if (info !== "mermaid") return block;
    const heading = tokens.slice(0, index).findLast(({ type }) => type === "heading_open");
    const title = heading === undefined ? "" : (tokens[tokens.indexOf(heading) + 1]?.content ?? "");
    const picture = drawDiagram(content, `${escapeHtml(title)}: the same is below as text`);
    return `${picture}<details><summary>The same as text</summary>${block}</details>`;
  };
  const isHome = (env: unknown): boolean => (env as PageEnvironment).relativePath === `${HOME.route}.md`;
  for (const rule of ["html_block", "html_inline"] as const)
    md.renderer.rules[rule] = (tokens, index, _, env: unknown) => {
      const content = tokens[index]?.content ?? "";
      return isHome(env) ? content : escapeHtml(content);
    };
  const withoutVue = (text = ""): string => escapeHtml(text).replaceAll("{{", "&#123;&#123;");
  md.renderer.rules["text"] = (tokens, index) => withoutVue(tokens[index]?.content);
  md.renderer.rules["code_inline"] = (tokens, index) => `<code>${withoutVue(tokens[index]?.content)}</code>`;
}

/** The file of the repository that a page of the site is made of. */
function sourceOf(relativePath: string | undefined): string | undefined {
  return PAGES.find(({ route }) => `${route}.md` === relativePath)?.source;
}
