import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ReportData } from "../report-data.ts";
import { addressOf } from "./address.ts";
import type { PackedLogs } from "./job-log.ts";
import { marked } from "./log-view.tsx";
import { useListKeys } from "./use-list-keys.ts";

/** Lines that are listed; the rest is counted. */
const MOST = 500;

/** So long after a letter nothing is searched, as another one may follow. */
const PAUSE_MS = 150;

/** Lines found in all logs. */
export interface FoundInAll {
  readonly lines: readonly { readonly job: string; readonly number: number; readonly text: string }[];
  /** How far it is, and how much was found. */
  readonly sentence: string;
}

const NOTHING: FoundInAll = { lines: [], sentence: "" };

/** Searches all logs, one after the other; each is unpacked for it. */
export function useSearchOfAll(data: ReportData, store: PackedLogs, query: string): FoundInAll {
  const [found, setFound] = useState<FoundInAll>(NOTHING);
  useEffect(() => {
    setFound(NOTHING);
    if (query === "") return undefined;
    let isWanted = true;
    const timer = setTimeout(() => {
      void search(data, store, {
        query,
        isWanted: () => isWanted,
        tell: setFound,
      });
    }, PAUSE_MS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [data, store, query]);
  return found;
}

async function search(
  { jobs }: ReportData,
  store: PackedLogs,
  {
    query,
    isWanted,
    tell,
  }: {
    readonly query: string;
    readonly isWanted: () => boolean;
    readonly tell: (found: FoundInAll) => void;
  },
): Promise<void> {
  const lines: { job: string; number: number; text: string }[] = [];
  let count = 0;
  let inJobs = 0;
  for (const [index, { job_id: job, log: about }] of jobs.entries()) {
    if (about === undefined) continue;
    const log = await store.read(index).catch(() => undefined);
    if (!isWanted()) return;
    const hits = log?.search(query) ?? [];
    count += hits.length;
    if (hits.length > 0) inJobs += 1;
    for (const hit of hits.slice(0, MOST - lines.length))
      lines.push({ job, number: log?.numberOf(hit) ?? 0, text: log?.text(hit) ?? "" });
    if (index % 20 === 0 && index > 0)
      tell({
        lines: [...lines],
        sentence: `${count.toLocaleString("en")} in ${index} of ${jobs.length} jobs so far`,
      });
  }
  const where = inJobs === 1 ? "1 job" : `${inJobs} jobs`;
  tell({
    lines,
    sentence:
      count === 0
        ? "no match"
        : `${count.toLocaleString("en")} in ${where}${count > lines.length ? `, the first ${MOST} listed` : ""}`,
  });
}

/** The lines that were found, each a link to its place. */
export function SearchResults({
  found,
  query,
}: {
  readonly found: FoundInAll;
  readonly query: string;
}): JSX.Element | null {
  const keys = useListKeys<HTMLOListElement>(found.lines.length);
  if (found.lines.length === 0) return null;
  return (
    <ol class="results" ref={keys.ref} onKeyDown={keys.onKeyDown} aria-label="Lines found in all logs">
      {found.lines.map(({ job, number, text }, index) => (
        <li key={`${job} ${number}`}>
          <a href={addressOf({ job, line: number })} {...keys.itemAt(index)}>
            <span class="at">
              {job}:{number}
            </span>
            <span class="text">{marked(text.slice(0, 300), query)}</span>
          </a>
        </li>
      ))}
    </ol>
  );
}
