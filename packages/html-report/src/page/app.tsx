import type { JSX } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import type { ReportData } from "../report-data.ts";
import { addressOf, logPlaceAt, type Cause, type LogPlace } from "./address.ts";
import { Failures } from "./failures.tsx";
import { Graph } from "./graph.tsx";
import type { PackedLogs } from "./job-log.ts";
import { JobSection } from "./job-section.tsx";
import { JobTable } from "./job-table.tsx";
import type { StatusLook } from "./look.tsx";
import { plainKey } from "./plain-key.ts";
import { Summary } from "./summary.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";
import { TimelinePanel } from "./timeline.tsx";

/** The whole page. It owns what is selected; the parts below are given it. */
export function App({ data, store }: { readonly data: ReportData; readonly store: PackedLogs }): JSX.Element {
  const initial = useMemo(() => logPlaceAt(location.hash) ?? { job: firstJob(data) }, [data]);
  const [place, setPlace] = useState<LogPlace>(initial);
  const [cause, setCause] = useState<Cause>();
  const [looks, setLooks] = useState<ReadonlySet<StatusLook>>(new Set());
  useEffect(() => {
    const follow = (): void => {
      const to = logPlaceAt(location.hash);
      if (to === undefined) return;
      setPlace(to);
      document.getElementById("job")?.scrollIntoView();
    };
    addEventListener("hashchange", follow);
    if (logPlaceAt(location.hash) !== undefined) document.getElementById("job")?.scrollIntoView();
    return () => removeEventListener("hashchange", follow);
  }, []);
  useEffect(() => {
    addEventListener("keydown", focusSearch);
    return () => removeEventListener("keydown", focusSearch);
  }, []);
  const select = useCallback((job: string) => {
    setCause(undefined);
    setPlace({ job });
  }, []);
  const openAt = useCallback((job: string, at: Cause | undefined) => {
    setCause(at);
    setPlace({ job });
    history.pushState(undefined, "", addressOf({ job }));
    document.getElementById("job")?.scrollIntoView();
  }, []);
  const showOnly = useCallback((look: StatusLook) => {
    setLooks(new Set([look]));
    document.getElementById("jobs")?.scrollIntoView();
  }, []);
  const hasFailures = data.explanation?.failure !== undefined;
  const job = data.jobs.find(({ job_id: id }) => id === place.job);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the report
      </a>
      <header class="bar">
        <p class="brand">
          loom <span class="muted">report</span>
        </p>
        <nav aria-label="Parts of the report">
          {hasFailures && <a href="#failures">Failures</a>}
          {data.jobs.length > 0 && (
            <>
              <a href="#jobs">Jobs</a>
              <a href="#graph">Graph</a>
              <a href="#timeline">Timeline</a>
              <a href="#job">Log</a>
            </>
          )}
        </nav>
        <ThemeSwitch />
      </header>
      <main id="main" tabIndex={-1}>
        <Summary data={data} onLook={showOnly} />
        {hasFailures && <Failures data={data} onOpen={openAt} />}
        {data.jobs.length > 0 && (
          <>
            <JobTable data={data} selected={place.job} looks={looks} onLooks={setLooks} />
            <Graph data={data} selected={place.job} onSelect={select} />
            <TimelinePanel data={data} selected={place.job} onSelect={select} />
          </>
        )}
        {job !== undefined && (
          <JobSection data={data} store={store} job={job} line={place.line} cause={cause} onSelect={select} />
        )}
      </main>
      <footer>
        <p>
          Made by Loom{data.run.loom_version === undefined ? "" : ` ${data.run.loom_version}`} from the
          evidence of the run, {data.made_at}. Nothing here is loaded from elsewhere.
        </p>
        <p>
          Keys: <kbd>/</kbd> search, <kbd>j</kbd> <kbd>k</kbd> or arrows through lists, <kbd>Enter</kbd> open,{" "}
          <kbd>w</kbd> wrap lines of the log, <kbd>t</kbd> their times.
        </p>
      </footer>
    </>
  );
}

/** The failing job, or the first that printed something. */
function firstJob({ jobs, explanation }: ReportData): string {
  const failing = explanation?.failure?.job_id;
  return failing ?? (jobs.find(({ log }) => log !== undefined) ?? jobs[0])?.job_id ?? "";
}

/** `/` leads to the search of the part in which the focus is, else to that of the table. */
function focusSearch(event: KeyboardEvent): void {
  if (plainKey(event) !== "/") return;
  const { target } = event;
  const inLog = target instanceof Element && target.closest("#job") !== null;
  const search = document.getElementById(inLog ? "log-search" : "job-search");
  if (search === null) return;
  event.preventDefault();
  search.focus();
}
