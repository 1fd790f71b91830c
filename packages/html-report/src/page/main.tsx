import { render } from "preact";
import type { ReportData } from "../report-data.ts";
import { App } from "./app.tsx";
import { PackedLogs } from "./job-log.ts";

const app = document.getElementById("app");
const text = document.getElementById("loom-report")?.textContent;
if (app !== null && text !== null && text !== undefined) {
  const data = JSON.parse(text) as ReportData;
  const store = new PackedLogs(
    data.jobs,
    (job) => document.getElementById(`loom-log-${job}`)?.textContent ?? undefined,
  );
  render(<App data={data} store={store} />, app);
}
