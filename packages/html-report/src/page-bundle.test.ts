import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { loadPage } from "./page-bundle.ts";
import { reportData } from "./report-data-of.ts";
import { renderHtml } from "./render-html.ts";

const DATA = reportData({
  runId: "loom-run-local-1",
  madeAt: "2026-01-01T00:00:00.000Z",
  outcome: "success",
  otherFailures: [],
  timeline: { stages: [], jobs: [], concurrency: 1, failFast: false, durationMs: 0 },
  nodes: [],
  jobManifests: new Map(),
  spans: [],
  logs: undefined,
});

test("loadPage() gives a page that renderHtml() can allow by its hashes, and that is small", async () => {
  const page = await loadPage();
  const html = renderHtml({ data: DATA, logs: new Map() }, page);
  const sha = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const [, script = ""] = /<script>([^]*)<\/script>\n<\/body>/u.exec(html) ?? [];
  const [, style = ""] = /<style>([^]*?)<\/style>/u.exec(html) ?? [];
  expect([script, style]).toStrictEqual([page.script, page.style]);
  expect(
    /http-equiv="Content-Security-Policy" content="([^"]*)"/u.exec(html)?.[1]?.split("; "),
  ).toStrictEqual([
    "default-src 'none'",
    `script-src ${sha(script)}`,
    `style-src ${sha(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ]);
  expect(/<\/?(?:script|style)|<!--|eval\(|new Function/u.exec(script + style)?.[0]).toBeUndefined();
  // Without logs a report is to fit into a mail.
  expect(html.length).toBeLessThan(100_000);
});
