import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { ReportData, ReportedJob } from "../report-data.ts";
import { addressOf } from "./address.ts";
import { HEAD_HEIGHT, layoutGraph, NODE, type PlacedJob } from "./graph-layout.ts";
import { lookOf, SignPath, Status, wordOf } from "./look.tsx";
import { plainKey } from "./plain-key.ts";

/** A drawing of more jobs is no help, and slow. */
const MOST_DRAWN = 1000;

/** Characters of a name that fit into its box. */
const NAME_CHARACTERS = 21;

/** The jobs in the columns of their stages, with lines from what each needs. The list below it says the same in words. */
export function Graph({
  data,
  selected,
  onSelect,
}: {
  readonly data: ReportData;
  readonly selected: string;
  readonly onSelect: (job: string) => void;
}): JSX.Element {
  const isDrawn = data.jobs.length <= MOST_DRAWN;
  const job = data.jobs.find(({ job_id: id }) => id === selected);
  const critical = useMemo(() => new Set<string>(data.time.critical_path), [data]);
  return (
    <section id="graph" aria-labelledby="graph-title">
      <header class="section-head">
        <h2 id="graph-title">Graph</h2>
        <p class="muted">Lines lead from a job to those that need it. Columns are stages.</p>
      </header>
      {isDrawn ? (
        <Drawing data={data} selected={selected} critical={critical} onSelect={onSelect} />
      ) : (
        <p>{data.jobs.length} jobs are too many to be drawn. The list has what each needs.</p>
      )}
      {job !== undefined && <Selected job={job} data={data} />}
      <details>
        <summary>Graph as a list</summary>
        <ul class="plain graph-list">
          {data.jobs.map(({ job_id: id, stage, needs }) => (
            <li key={id}>
              <b>{id}</b> <span class="muted">({stage})</span>
              {needs.length === 0 ? " needs no job" : ` needs ${needs.join(", ")}`}
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}

/** What is said of the job that is selected. */
function Selected({ job, data }: { readonly job: ReportedJob; readonly data: ReportData }): JSX.Element {
  const neededBy = data.jobs.filter(({ needs }) => needs.includes(job.job_id)).map(({ job_id: id }) => id);
  return (
    <p class="selected" aria-live="polite">
      <Status look={lookOf(job)} /> <b>{job.job_id}</b>
      <span>{job.needs.length > 0 ? `needs ${few(job.needs)}` : "needs no job"}</span>
      {neededBy.length > 0 && <span>needed by {few(neededBy)}</span>}
      <a href={addressOf({ job: job.job_id })}>{job.log === undefined ? "Open the job" : "Open its log"}</a>
    </p>
  );
}

function few(names: readonly string[]): string {
  return names.length > 4 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
}

function Drawing({
  data,
  selected,
  critical,
  onSelect,
}: {
  readonly data: ReportData;
  readonly selected: string;
  readonly critical: ReadonlySet<string>;
  readonly onSelect: (job: string) => void;
}): JSX.Element {
  const layout = useMemo(() => layoutGraph(data.jobs, data.stages), [data]);
  const box = useRef<SVGSVGElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const at = layout.jobs.find(({ job }) => job.job_id === selected) ?? layout.jobs[0];
  useEffect(() => {
    const view = scroller.current;
    if (view === null || at === undefined) return;
    if (at.y < view.scrollTop || at.y + NODE.height > view.scrollTop + view.clientHeight)
      view.scrollTop = at.y - view.clientHeight / 2;
    if (at.x < view.scrollLeft || at.x + NODE.width > view.scrollLeft + view.clientWidth)
      view.scrollLeft = at.x - view.clientWidth / 2;
  }, [at]);
  const move = (event: KeyboardEvent): void => {
    const key = plainKey(event);
    if (at === undefined || key === undefined) return;
    if (key === "Enter") location.hash = addressOf({ job: at.job.job_id });
    const to = next(layout.jobs, at, key);
    if (to === undefined) return;
    event.preventDefault();
    onSelect(to.job.job_id);
    box.current
      ?.querySelector<SVGGElement>(`[data-at="${layout.jobs.indexOf(to)}"]`)
      ?.focus({ preventScroll: true });
  };
  const lit = layout.edges.filter(({ from, to }) => isOn(selected, from, to));
  const unlit = layout.edges.filter(({ from, to }) => !isOn(selected, from, to));
  const near = new Set(lit.flatMap(({ from, to }) => [from.job.job_id as string, to.job.job_id as string]));
  return (
    <div class="graph-box" ref={scroller} tabIndex={0} role="region" aria-label="Drawing of the graph">
      <svg
        ref={box}
        width={layout.width + 2}
        height={layout.height + 2}
        viewBox={`-1 -1 ${layout.width + 2} ${layout.height + 2}`}
        role="group"
        aria-label="Graph of jobs. Arrows move between jobs, Enter opens the log."
        onKeyDown={move}
      >
        {layout.stages.map(({ name, x, width }) => (
          <g key={name} aria-hidden="true">
            <text class="stage" x={x} y={14}>
              {cut(name, Math.floor(width / 8))}
            </text>
            <line class="stage-line" x1={x} x2={x + width} y1={HEAD_HEIGHT - 10} y2={HEAD_HEIGHT - 10} />
          </g>
        ))}
        {[...unlit, ...lit].map((edge) => (
          <path
            key={`${edge.from.job.job_id} ${edge.to.job.job_id}`}
            class={isOn(selected, edge.from, edge.to) ? "edge is-on" : "edge"}
            d={curve(edge.from, edge.to)}
          />
        ))}
        {layout.jobs.map(({ job, x, y }, index) => {
          const look = lookOf(job);
          const isSelected = job.job_id === selected;
          const classes = [
            "node",
            `is-${look}`,
            ...(isSelected ? ["is-selected"] : []),
            ...(near.has(job.job_id) ? ["is-near"] : []),
          ];
          return (
            <g
              key={job.job_id}
              class={classes.join(" ")}
              role="button"
              // As SVG writes it: only HTML takes it in any case.
              tabindex={job === at?.job ? 0 : -1}
              data-at={index}
              aria-pressed={isSelected}
              aria-label={`${job.job_id}, ${wordOf(look)}${critical.has(job.job_id) ? ", on the critical path" : ""}`}
              onClick={() => onSelect(job.job_id)}
            >
              <rect x={x} y={y} width={NODE.width} height={NODE.height} rx="4" />
              <SignPath look={look} x={x + 8} y={y + 7.5} />
              <text x={x + 27} y={y + 18.5}>
                {cut(job.job_id, NAME_CHARACTERS)}
              </text>
              <title>{job.title === undefined ? job.job_id : `${job.job_id}: ${job.title}`}</title>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function isOn(selected: string, from: PlacedJob, to: PlacedJob): boolean {
  return from.job.job_id === selected || to.job.job_id === selected;
}

function curve(from: PlacedJob, to: PlacedJob): string {
  const [x1, y1, x2, y2] = [from.x + NODE.width, from.y + NODE.height / 2, to.x, to.y + NODE.height / 2];
  const bend = Math.max(24, Math.min(80, (x2 - x1) / 2));
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
}

/** The job that a key leads to: up and down in a column, left and right to the nearest of the next one. */
function next(jobs: readonly PlacedJob[], at: PlacedJob, key: string): PlacedJob | undefined {
  const column = (wanted: number): readonly PlacedJob[] => jobs.filter((each) => each.column === wanted);
  const nearest = (wanted: number): PlacedJob | undefined =>
    column(wanted).toSorted((a, b) => Math.abs(a.y - at.y) - Math.abs(b.y - at.y))[0];
  switch (key) {
    case "j":
    case "ArrowDown":
      return jobs[jobs.indexOf(at) + 1];
    case "k":
    case "ArrowUp":
      return jobs[jobs.indexOf(at) - 1];
    case "ArrowRight":
      return nearest(at.column + 1);
    case "ArrowLeft":
      return nearest(at.column - 1);
    case "Home":
      return jobs[0];
    case "End":
      return jobs.at(-1);
    default:
      return undefined;
  }
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
