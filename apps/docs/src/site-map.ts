import { readdirSync } from "node:fs";
import { readSource, ROOT } from "./repository.ts";

/** A page of the site. */
export interface SitePage {
  /** Its address below the root of the site, without an ending. */
  readonly route: string;
  /** What the sidebar calls it. */
  readonly text: string;
  /** The file of the repository that it is made of; without one, the build writes the page. */
  readonly source?: string;
  /** The anchors of the second-level headings that it has of that file; all of it, if not given. */
  readonly sections?: readonly string[];
}

/** A group of the sidebar. */
export interface SiteGroup {
  readonly text: string;
  readonly collapsed?: boolean;
  readonly pages: readonly SitePage[];
}

/** The start page. Links to README.md lead here, unless another page has the part that they name. */
export const HOME: SitePage = {
  route: "index",
  text: "Loom",
  source: "README.md",
  sections: ["loom", "where-to-go-next"],
};

/** All other pages, as the sidebar shows them. */
export const GROUPS: readonly SiteGroup[] = [
  {
    text: "Start",
    pages: [
      {
        route: "start/why",
        text: "Why Loom",
        source: "README.md",
        sections: ["is-it-for-you", "a-failure-explained"],
      },
      { route: "start/install", text: "Install Loom", source: "docs/install.md" },
      { route: "start/first-run", text: "First run", source: "docs/first-pipeline.md" },
      { route: "start/failure", text: "When a job fails", source: "docs/failures.md" },
      { route: "start/runs", text: "Where jobs work, and what they leave", source: "docs/runs.md" },
      { route: "questions", text: "Questions", source: "docs/questions.md" },
    ],
  },
  {
    text: "Guides",
    pages: [
      { route: "guides/import", text: "From GitLab CI or GitHub Actions", source: "docs/import.md" },
      { route: "guides/caches", text: "Caches", source: "docs/caches.md" },
      { route: "guides/containers", text: "Containers", source: "docs/containers.md" },
      { route: "guides/secrets", text: "Secrets", source: "docs/secrets.md" },
      { route: "guides/live-view", text: "The live view", source: "docs/terminal.md" },
      { route: "guides/agents", text: "Agents", source: "docs/agents.md" },
      { route: "guides/machines", text: "Many machines", source: "docs/machines.md" },
      { route: "guides/traces", text: "Traces", source: "docs/traces.md" },
      { route: "guides/programs", text: "Loom from a program", source: "docs/programs.md" },
    ],
  },
  {
    text: "Reference",
    pages: [
      { route: "reference/workflow", text: "The workflow file", source: "docs/workflow.md" },
      { route: "reference/commands", text: "Commands at a glance", source: "docs/commands.md" },
      { route: "reference/command-line", text: "Command line" },
      { route: "reference/configuration", text: "Configuration" },
      { route: "reference/contract", text: "The contract of a run", source: "docs/contract.md" },
      { route: "reference/schemas", text: "JSON Schemas" },
      { route: "reference/error-codes", text: "Error codes", source: "docs/error-codes.md" },
      { route: "reference/lifecycle", text: "The lifecycle, drawn", source: "docs/lifecycle.md" },
      { route: "reference/platforms", text: "Linux and macOS", source: "docs/platforms.md" },
      { route: "reference/differences", text: "Differences from v1", source: "docs/differences.md" },
      { route: "reference/glossary", text: "Glossary", source: "docs/glossary.md" },
    ],
  },
  {
    text: "Project",
    pages: [
      { route: "project/architecture", text: "Architecture", source: "ARCHITECTURE.md" },
      { route: "project/performance", text: "Performance", source: "docs/performance.md" },
      { route: "project/bench", text: "The benchmark", source: "apps/bench/README.md" },
      { route: "project/security", text: "Security", source: "SECURITY.md" },
      { route: "project/dependencies", text: "Dependencies", source: "docs/dependencies.md" },
      { route: "project/contributing", text: "Contributing", source: "CONTRIBUTING.md" },
      { route: "project/code-of-conduct", text: "Code of conduct", source: "CODE_OF_CONDUCT.md" },
    ],
  },
  {
    text: "Packages",
    collapsed: true,
    pages: [
      { route: "packages/index", text: "All packages", source: "docs/packages.md" },
      { route: "packages/loom", text: "@loom/loom, the program", source: "apps/loom/README.md" },
      ...pagesOf("apps", (folder) => folder.startsWith("loom-")).map((page) => ({
        ...page,
        text: `${page.text}, a part`,
      })),
      ...pagesOf("packages", () => true),
    ],
  },
];

/** Every page of the site. */
export const PAGES: readonly SitePage[] = [HOME, ...GROUPS.flatMap(({ pages }) => pages)];

/** The READMEs of packages, by their folders. */
function pagesOf(parent: "apps" | "packages", isMeant: (folder: string) => boolean): readonly SitePage[] {
  return readdirSync(`${ROOT}${parent}`)
    .filter(isMeant)
    .toSorted()
    .map((folder) => {
      const { name } = JSON.parse(readSource(`${parent}/${folder}/package.json`)) as { name: string };
      return { route: `packages/${folder}`, text: name, source: `${parent}/${folder}/README.md` };
    });
}
