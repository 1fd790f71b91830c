import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import axe from "axe-core";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { makeProject, type Project } from "../project.ts";

/** Debian's Chromium, and where other systems have it. */
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);

const HOSTILE =
  "</script><script>document.title=1</script><img src=http://127.0.0.1:9/x onerror=document.title=2>";

/** It fails in one job that others need, prints what would be markup, and has a log in every other job. */
const WORKFLOW = `version: v1
stages: [build, test, deliver]
compile:
  stage: build
  script:
    - seq -f "compiled module %g" 1 3000
lint:
  stage: build
  allow_failure: true
  script: ["echo 'only a hint'; exit 1"]
unit:
  stage: test
  needs: [compile]
  retry: {max: 1, on: [failure]}
  script:
    - echo starting
    - |
      echo '${HOSTILE}'
      echo "src/index.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'." >&2
      exit 2
integration:
  stage: test
  needs: [compile]
  script: ["echo needle in another log"]
pack:
  stage: deliver
  needs: [unit, integration]
  script: ["echo never"]
`;

describe.skipIf(CHROMIUM === undefined)("loom report --html in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM ?? "", args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser.close();
  });

  /** A page that shows a report of a run that failed, and what it asked for or complained of. */
  async function opened(
    colorScheme: "light" | "dark",
    flags: readonly string[] = [],
  ): Promise<{ readonly page: Page; readonly heard: readonly string[]; readonly project: Project }> {
    const project = makeProject({ workflow: WORKFLOW });
    project.loom(["run", "-q", "-j", "2"]);
    const written = project.loom(["report", "--html", "report.html", ...flags]);
    expect(written).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: 900 } });
    onTestFinished(async () => await context.close());
    const page = await context.newPage();
    const heard: string[] = [];
    const file = `file://${join(project.root, "report.html")}`;
    page.on("request", (request) => {
      if (request.url() !== file) heard.push(`asked for ${request.url()}`);
    });
    page.on("console", (message) => heard.push(`said ${message.text()}`));
    page.on("pageerror", (error) => heard.push(`threw ${error.message}`));
    await page.goto(file);
    await page.locator("#job").waitFor();
    return { page, heard, project };
  }

  test("the page tells why the run failed as loom explain does, and what is markup stays text", async () => {
    const { page, heard, project } = await opened("light");
    const explained = JSON.parse(project.loom(["explain", "--json"]).stdout) as {
      summary: string;
      next: string[];
    };
    expect(await page.locator("h1").textContent()).toBe(explained.summary);
    const failure = page.locator(".failure").first();
    expect(await failure.locator(".errors li").allTextContents()).toEqual([
      "src/index.ts:3:7Type 'string' is not assignable to type 'number'.tsc TS2322",
    ]);
    expect(await failure.locator(".next code").allTextContents()).toEqual(explained.next);
    await failure.getByRole("button", { name: "Open the log here" }).click();
    await page.locator(".log-row.is-target").waitFor();
    expect(await page.locator(".log-row.is-target .text").textContent()).toContain("TS2322");
    expect(await page.locator(".log").textContent()).toContain(HOSTILE);
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.title()).toMatch(/^failure: .* – Loom report$/u);
    expect(heard).toEqual([]);
  });

  test.each(["light", "dark"] as const)(
    "the page breaks no rule of axe in %s, wide and narrow",
    async (scheme) => {
      const { page, heard } = await opened(scheme);
      await page.locator(".log-row.is-stdout").first().waitFor();
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 900 });
        const broken = await page.evaluate(
          `${axe.source}; axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes.map(({ target }) => target.join(" ")).join(", ")))`,
        );
        expect(broken, `at ${width}`).toEqual([]);
        const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        expect(await page.evaluate(overflow), `beside the page at ${width}`).toBe(0);
      }
      expect(heard).toEqual([]);
    },
  );

  test("the table filters and sorts, and its keys lead from job to job", async () => {
    const { page } = await opened("light");
    const names = page.locator("#jobs tbody th a");
    expect(await names.allTextContents()).toEqual(["unit", "lint", "pack", "compile", "integration"]);
    await page.keyboard.press("/");
    await page.keyboard.type("exit 1");
    expect(await names.allTextContents()).toEqual(["lint"]);
    await page.locator("#job-search").fill("");
    await page.locator("#jobs").getByRole("button", { name: "failed", exact: true }).click();
    expect(await names.allTextContents()).toEqual(["unit"]);
    await page.locator("#jobs").getByRole("button", { name: "failed", exact: true }).click();
    await page.locator("#jobs").getByRole("button", { name: "Job", exact: true }).click();
    expect(await names.allTextContents()).toEqual(["compile", "integration", "lint", "pack", "unit"]);
    await names.first().focus();
    await page.keyboard.press("j");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("k");
    await page.keyboard.press("Enter");
    await expect.poll(() => new URL(page.url()).hash).toBe("#log/integration");
    expect(await page.locator("#job select").first().inputValue()).toBe("integration");
  });

  test("the graph lights the edges of the job that keys select", async () => {
    const { page } = await opened("dark");
    const node = (name: string) =>
      page.locator("#graph").getByRole("button", { name: new RegExp(`^${name},`, "u") });
    await node("compile").click();
    expect(await page.locator(".edge.is-on").count()).toBe(2);
    await node("compile").focus();
    await page.keyboard.press("ArrowRight");
    await expect
      .poll(() => page.locator(".node.is-selected").getAttribute("aria-label"))
      .toMatch(/^unit, failed/u);
    expect(await page.locator(".edge.is-on").count()).toBe(2);
    await page.keyboard.press("ArrowRight");
    await expect
      .poll(() => page.locator("#graph .selected").textContent())
      .toContain("needs unit, integration");
  });

  test("the search finds lines in one log and in all, and each line has an address", async () => {
    const { page, heard } = await opened("light");
    await page.locator("#job select").first().selectOption("compile");
    await page.locator("#log-search").fill("MODULE 2999");
    await expect.poll(() => page.locator(".found").textContent()).toBe("1 of 1");
    expect(await page.locator(".log-row.is-target mark").textContent()).toBe("module 2999");
    // Only what is seen is drawn.
    expect(await page.locator(".log-row").count()).toBeLessThan(150);
    await page.getByLabel("all jobs").check();
    await page.locator("#log-search").fill("needle");
    await expect.poll(() => page.locator(".found").textContent()).toBe("1 in 1 job");
    await page.locator(".results a").click();
    await page.locator(".log-row.is-target").waitFor();
    expect(await page.locator(".log-row.is-target .text").textContent()).toBe("needle in another log");
    const address = page.url();
    expect(address).toMatch(/#log\/integration\/\d+$/u);
    await page.goto("about:blank");
    await page.goto(address);
    expect(await page.locator(".log-row.is-target .text").textContent()).toBe("needle in another log");
    expect(heard).toEqual([]);
  });

  test("the page prints failures and the table, and no viewer", async () => {
    const { page } = await opened("light");
    await page.emulateMedia({ media: "print" });
    const isSeen = (part: string): Promise<boolean> => page.locator(part).isVisible();
    const parts = ["#failures", "#jobs table", "#graph", "#timeline", "#job", ".theme"];
    expect(await Promise.all(parts.map(isSeen))).toEqual([true, true, false, false, false, false]);
  });

  test("--no-logs leaves them out, and the page says how to print them", async () => {
    const { page, project } = await opened("light", ["--no-logs"]);
    expect(await page.locator("#job").textContent()).toContain("made without logs");
    expect(await page.locator("#job .copy code").textContent()).toMatch(
      /^loom logs loom-run-local-\d+ unit$/u,
    );
    expect(readFileSync(join(project.root, "report.html"), "utf8")).not.toContain("loom-log-0");
  });
});

test("loom report --html writes what there is of a run that goes on, and of one that was stopped", async () => {
  const project = makeProject({
    workflow: `version: v1
stages: [a]
unit: {stage: a, script: ["echo up; exec sleep 60"]}
`,
  });
  const run = project.start(["run", "--stream"]);
  await run.said("up");
  expect(project.loom(["report", "--html", "going.html"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(readFileSync(join(project.root, "going.html"), "utf8")).toContain("<title>running: ");
  run.process.kill("SIGTERM");
  await run.ended;
  expect(project.loom(["report", "--html", "stopped.html"])).toMatchObject({ exitCode: 0, stderr: "" });
  expect(readFileSync(join(project.root, "stopped.html"), "utf8")).toContain("<title>cancelled: ");
});
