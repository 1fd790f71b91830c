import { defineConfig } from "vitepress";
import { anchorOf } from "../src/markdown-sections.ts";
import { readForSite } from "../src/read-for-site.ts";
import { ADDRESS } from "../src/repository.ts";
import { GROUPS } from "../src/site-map.ts";

export default defineConfig({
  title: "Loom",
  description: "Run your CI pipeline on your own machine and keep the evidence.",
  lang: "en",
  srcDir: "temp/pages",
  outDir: "dist",
  cacheDir: "temp/cache",
  head: [["link", { rel: "icon", type: "image/svg+xml", href: "/logo.svg" }]],
  markdown: {
    anchor: { slugify: anchorOf },
    config: readForSite,
  },
  themeConfig: {
    logo: "/logo.svg",
    outline: [2, 3],
    search: { provider: "local" },
    nav: [
      { text: "Start", link: "/start/install", activeMatch: "^/start/" },
      { text: "Guides", link: "/guides/import", activeMatch: "^/guides/" },
      { text: "Reference", link: "/reference/workflow", activeMatch: "^/reference/" },
      { text: "Packages", link: "/packages/", activeMatch: "^/packages/" },
      { text: "Questions", link: "/questions" },
    ],
    sidebar: GROUPS.map(({ text, collapsed, pages }) => ({
      text,
      collapsed: collapsed ?? false,
      items: pages.map((page) => ({ text: page.text, link: `/${page.route}` })),
    })),
    socialLinks: [{ icon: "github", link: ADDRESS, ariaLabel: "The repository" }],
    editLink: {
      pattern: ({ frontmatter }) => String(frontmatter["origin"]),
      text: "This page in the repository",
    },
  },
});
