import { createHash } from "node:crypto";
import type { PageBundle } from "./page-bundle.ts";
import type { ReadReport } from "./read-report.ts";

/** The ids of the elements that hold data: the page finds them by these. */
const DATA_ID = "loom-report";
const LOG_ID = "loom-log-";

/**
 * Writes a report as one HTML file that needs no network.
 *
 * All data is in elements that no browser carries out, and the policy of the page allows its own script and style alone,
 * by their hashes. What jobs printed is text at every place.
 */
export function renderHtml({ data, logs }: ReadReport, { script, style }: PageBundle): string {
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    // No text becomes markup or code, whatever the page's script does.
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  const { run, explanation } = data;
  const what = explanation?.summary ?? `Run ${run.run_id}`;
  const title = `${run.outcome}: ${run.project ?? run.run_id}`;
  const packed = data.jobs.flatMap(({ job_id: job }, index) => {
    const log = logs.get(job);
    return log === undefined ? [] : [`<script type="text/plain" id="${LOG_ID}${index}">${log}</script>\n`];
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Loom">
<title>${escapeText(title)} – Loom report</title>
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<noscript><h1>${escapeText(what)}</h1><p>This report needs JavaScript to be shown. In a terminal, loom explain ${escapeText(run.run_id)} says the same.</p></noscript>
<script type="application/json" id="${DATA_ID}">${escapeJson(JSON.stringify(data))}</script>
${packed.join("")}<script>${script}</script>
</body>
</html>
`;
}

/** For text and for values of attributes between double quotes. */
function escapeText(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** In a script nothing ends it but `</script`, and `<!--` changes how it is read: without `<` there is neither. */
function escapeJson(json: string): string {
  return json.replaceAll("<", String.raw`\u003c`);
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}
