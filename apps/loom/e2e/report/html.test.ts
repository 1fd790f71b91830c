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

/** The log of the page, in an expression that the page evaluates. */
const LOG = `document.querySelector(".log")`;

/** One job prints 100,000 lines of which some are long; in the last third, one has a word near its end. */
const LONG_LINES = `version: v1
stages: [build]
long:
  stage: build
  script:
    - |
      awk 'BEGIN {
        for (i = 0; i < 600; i++) words = words "word" i % 7 " "
        for (i = 1; i <= 100000; i++)
          if (i % 500 == 0) print substr(words, 1, 900) " at the end" (i == 80000 ? " needle" : "")
          else print "line " i
      }'
short:
  stage: build
  script: ["echo first; sleep 0.05; echo second >&2"]
`;

/** Whether the match that the search is at is seen whole, and not under the number of its line. */
async function isMatchInView(page: Page): Promise<boolean> {
  const [view, number, mark] = [
    await page.locator(".log").boundingBox(),
    await page.locator(".log-row.is-target .no").boundingBox(),
    await page.locator(".log-row.is-target mark").first().boundingBox(),
  ];
  return (
    view !== null &&
    number !== null &&
    mark !== null &&
    mark.y >= view.y &&
    mark.y + mark.height <= view.y + view.height &&
    mark.x >= number.x + number.width &&
    mark.x + mark.width <= view.x + view.width
  );
}

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
    workflow = WORKFLOW,
  ): Promise<{ readonly page: Page; readonly heard: readonly string[]; readonly project: Project }> {
    const project = makeProject({ workflow });
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

  /** A page of a log with long lines, in a window of a width. */
  async function longLinesAt(width: number): Promise<Page> {
    const { page } = await opened("light", [], LONG_LINES);
    await page.setViewportSize({ width, height: 700 });
    await page.locator(".log-row").first().waitFor();
    return page;
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
      // Wrapped and with times at both widths; the last keys turn that off again.
      for (const [width, keys] of [
        [1280, ""],
        [1280, "wt"],
        [390, ""],
        [390, "wt"],
      ] as const) {
        await page.setViewportSize({ width, height: 900 });
        for (const key of keys) await page.keyboard.press(key);
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

  test("long lines wrap by a button and a key, and what is looked at stays in its place", async () => {
    const { page, heard } = await opened("light", [], LONG_LINES);
    const wrap = page.getByRole("button", { name: "Wrap lines" });
    const log = page.locator(".log");
    const isWrapped = async (): Promise<readonly [string | null, boolean]> => [
      await wrap.getAttribute("aria-pressed"),
      (await page.evaluate(`${LOG}.scrollWidth === ${LOG}.clientWidth`)) === true,
    ];
    /** The number of the row at the upper edge of the log. */
    const topLine = async (): Promise<string> =>
      await page.evaluate(`(() => {
        const edge = document.querySelector(".log").getBoundingClientRect().top;
        const rows = [...document.querySelectorAll(".log-row")];
        return rows.find((row) => row.getBoundingClientRect().bottom > edge + 1).querySelector(".no").textContent;
      })()`);
    await page.evaluate(`${LOG}.scrollTo(0, 20 * 50001)`);
    await expect.poll(topLine).toBe("50000");
    expect(await isWrapped()).toEqual(["false", false]);
    await page.evaluate(`${LOG}.scrollTo(0, 20 * 50041)`);
    await expect.poll(topLine).toBe("50040");
    await wrap.click();
    await expect.poll(isWrapped).toEqual(["true", true]);
    expect(await topLine()).toBe("50040");
    expect(await page.locator(".log-row").count()).toBeLessThan(150);
    // Upwards by sixty times the height of a short row, past line 50,001, which is long and was not drawn so far.
    await log.focus();
    for (let presses = 0; presses < 60; presses += 1) await page.keyboard.press("k");
    const above = Number(await topLine());
    expect(above).toBeGreaterThan(49_982);
    expect(above).toBeLessThan(49_995);
    const longRow = await page.locator(".log-row", { hasText: "at the end" }).first().boundingBox();
    expect(above, "higher by what the long line has beyond a short one").toBe(
      50_040 - 60 + (longRow?.height ?? 0) / 20 - 1,
    );
    await page.evaluate(`${LOG}.scrollTo(0, 1e9)`);
    await expect.poll(() => page.locator(".log-row .no").last().textContent()).toBe("100001");
    await expect
      .poll(() => page.evaluate(`${LOG}.scrollTop + ${LOG}.clientHeight - ${LOG}.scrollHeight`))
      .toBeGreaterThan(-2);
    await page.keyboard.press("w");
    await expect.poll(isWrapped).toEqual(["false", false]);
    expect(await page.locator(".log-tools .unseen").textContent()).toBe("Long lines do not wrap");
    await page.keyboard.press("w");
    // Into a field, it is a letter.
    await page.locator("#log-search").focus();
    await page.keyboard.type("w");
    expect(await page.locator("#log-search").inputValue()).toBe("w");
    expect((await isWrapped())[0]).toBe("true");
    await page.locator("#job select").first().selectOption("short");
    await page.locator(".log-row.is-stderr").waitFor();
    expect((await isWrapped())[0]).toBe("true");
    await page.reload();
    await log.waitFor();
    expect((await isWrapped())[0]).toBe("false");
    expect(heard).toEqual([]);
  });

  test.each([1280, 390])(
    "a match near the end of a long line is seen when lines wrap, at %d",
    async (width) => {
      const page = await longLinesAt(width);
      await page.keyboard.press("w");
      await page.locator("#log-search").fill("needle");
      await expect.poll(() => page.locator(".log-row.is-target .no").textContent()).toBe("80001");
      expect(await isMatchInView(page)).toBe(true);
      await page.locator("h1").click();
      await page.keyboard.press("w");
      await expect.poll(() => isMatchInView(page)).toBe(true);
      await page.keyboard.press("w");
      expect(await isMatchInView(page)).toBe(true);
    },
  );

  test.each([1280, 390])(
    "a match is seen wherever it is in a line that does not wrap, at %d",
    async (width) => {
      const page = await longLinesAt(width);
      const search = page.locator("#log-search");
      const target = (): Promise<string | null> => page.locator(".log-row.is-target .no").textContent();
      const scrolled = (): Promise<unknown> => page.evaluate(`${LOG}.scrollLeft`);
      await search.fill("word1");
      await expect.poll(target).toBe("501");
      await expect.poll(() => isMatchInView(page)).toBe(true);
      expect(await scrolled()).toBe(0);
      await search.fill("at the end");
      await expect.poll(() => isMatchInView(page)).toBe(true);
      await search.press("Enter");
      await expect.poll(target).toBe("1001");
      await expect.poll(() => isMatchInView(page)).toBe(true);
      await page.evaluate(`${LOG}.scrollTo(0, ${LOG}.scrollTop)`);
      await search.press("Enter");
      await expect.poll(target).toBe("1501");
      await expect.poll(() => isMatchInView(page)).toBe(true);
      // It is left where somebody scrolls to.
      await page.evaluate(`${LOG}.scrollTo(40, 0)`);
      await expect.poll(() => page.locator(".log-row .no").first().textContent()).toBe("1");
      expect(await scrolled()).toBe(40);
      await search.press("Shift+Enter");
      await expect.poll(() => isMatchInView(page)).toBe(true);
      await search.fill("word1");
      await expect.poll(() => isMatchInView(page)).toBe(true);
      expect(await scrolled()).toBe(0);
    },
  );

  test("times are those that loom logs --timestamps prints, by a button and a key", async () => {
    const { page, project, heard } = await opened("dark", [], LONG_LINES);
    const printed = project
      .loom(["logs", "last", "short", "1", "--timestamps", "--raw"])
      .stdout.split("\n")
      .filter((line) => / (?:first|second)$/u.test(line))
      .map((line) => line.slice(0, 24));
    expect(printed).toHaveLength(2);
    await page.locator("#job select").first().selectOption("short");
    await page.locator(".log-row.is-stderr").waitFor();
    const times = page.locator(".log-row:is(.is-stdout, .is-stderr) time");
    expect(await times.count()).toBe(0);
    await page.getByRole("button", { name: "Times" }).click();
    expect(await page.getByRole("button", { name: "Times" }).getAttribute("aria-pressed")).toBe("true");
    const shown = await page.evaluate(
      `[...document.querySelectorAll(".is-stdout time, .is-stderr time")].map(({ dateTime }) => dateTime)`,
    );
    expect(shown).toEqual(printed);
    expect(await times.allInnerTexts()).toEqual(printed.map((time) => time.slice(11)));
    await page.setViewportSize({ width: 390, height: 900 });
    expect(await times.allInnerTexts()).toEqual(printed.map((time) => time.slice(11, 19)));
    await page.keyboard.press("t");
    await expect.poll(() => times.count()).toBe(0);
    expect(await page.locator("footer").innerText()).toMatch(/w wrap .* t /u);
    expect(heard).toEqual([]);
  });

  test("the page prints failures and the table, and no viewer", async () => {
    const { page } = await opened("light");
    await page.emulateMedia({ media: "print" });
    const isSeen = (part: string): Promise<boolean> => page.locator(part).isVisible();
    expect(await page.evaluate(`getComputedStyle(document.querySelector("#failures pre")).whiteSpace`)).toBe(
      "pre-wrap",
    );
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
