import { type TextStyle, failureWord, unitTitle } from "@loom/reporters/view";
import { rowText } from "../log/log-rows.ts";
import type { DiagnosticPath } from "@loom/diagnosis";
import { inside, type Rect } from "../state/layout.ts";
import type { Scene } from "../state/scene.ts";
import { paneRows } from "./pane-rows.ts";

/** What the view is made from. */
export interface FailuresViewInput {
  readonly scene: Scene;
  readonly style: TextStyle;
  readonly left: Rect;
  /** Absent: the excerpt stands below the path. */
  readonly right?: Rect;
}

/** The path from the receipt to the cause of a failure, document by document, and the end of what was printed. */
export function failuresView(input: FailuresViewInput): { readonly rect: Rect; readonly rows: string[] }[] {
  const { scene, style, left, right } = input;
  const { path } = scene.world;
  const { job } = scene;
  if (job?.status !== "failed") {
    const text =
      scene.world.view.error?.message ??
      (scene.world.finished ? "no job has failed" : "no job has failed so far");
    const rows = ["", ...text.split("\n").map((line) => ` ${rowText(line, false)}`)];
    return [{ rect: left, rows: paneRows({ ...left, title: "failures", rows, style }) }];
  }
  const number = scene.failures.indexOf(job.jobId) + 1;
  const title = `failure ${number} of ${scene.failures.length}   ${job.jobId} ${style.glyphs.inside} ${rowText(unitTitle(job.failure.unit), false)} (${failureWord(job.failure)})`;
  const steps =
    path?.jobId === job.jobId
      ? stepRows(path, { scene, style, width: inside(left).width, roomy: left.height >= 34 })
      : [" reading the documents"];
  const blocked = path?.jobId === job.jobId ? blockedRows(path, style) : [];
  if (right !== undefined) {
    const excerpt = excerptRows(path, style, inside(right).height);
    return [
      {
        rect: left,
        rows: paneRows({ ...left, title, rows: ["", ...steps, "", ...blocked], focused: true, style }),
      },
      {
        rect: right,
        rows: paneRows({
          ...right,
          title: "excerpt: before the first error to the end",
          rows: excerpt,
          footer: "! looks like an error",
          style,
        }),
      },
    ];
  }
  const top = Math.min(steps.length + 2, Math.max(4, left.height - 6));
  const upper: Rect = { ...left, height: top };
  const lower: Rect = { ...left, y: left.y + top, height: left.height - top };
  const area = inside(lower).height;
  const rows = excerptRows(
    path,
    style,
    Math.max(1, blocked.length > 0 && area > 6 ? area - blocked.length : area),
  );
  return [
    {
      rect: upper,
      rows: paneRows({ ...upper, title, rows: windowed(steps, scene, top - 2), focused: true, style }),
    },
    {
      rect: lower,
      rows: paneRows({ ...lower, title: "excerpt", rows: area > 6 ? [...rows, ...blocked] : rows, style }),
    },
  ];
}

/** The report of a failure as text, for an issue or an agent. */
export function failureReport(scene: Scene, path: DiagnosticPath): string {
  const { job } = scene;
  const title =
    job?.status === "failed"
      ? `${job.jobId}: ${rowText(unitTitle(job.failure.unit), false)} (${failureWord(job.failure)})`
      : path.jobId;
  const steps = path.steps.map(
    (step) => `- ${step.path}\n${step.fields.map(([name, value]) => `    ${name}: ${value}\n`).join("")}`,
  );
  const excerpt = path.excerpt.map((line) => `    ${rowText(line.text, false)}`);
  return `failed: ${title}\n\n${steps.join("")}\n${excerpt.join("\n")}\n${path.blocked.length === 0 ? "" : `\nnot run because of it: ${path.blocked.join(", ")}\n`}`;
}

/** On a low screen the steps around the chosen one. */
function windowed(path: readonly string[], scene: Scene, height: number): readonly string[] {
  if (path.length <= height) return path;
  const at = Math.floor(
    (scene.state.step / Math.max(1, (scene.world.path?.steps.length ?? 1) - 1)) * (path.length - height),
  );
  return path.slice(at, at + height);
}

function stepRows(
  path: DiagnosticPath,
  given: {
    readonly scene: Scene;
    readonly style: TextStyle;
    readonly width: number;
    readonly roomy: boolean;
  },
): string[] {
  const { scene, style, roomy } = given;
  const { palette, glyphs } = style;
  const rows: string[] = [];
  for (const [index, step] of path.steps.entries()) {
    const chosen = index === Math.min(scene.state.step, path.steps.length - 1);
    const pointer = chosen ? glyphs.pointer : " ";
    const name = `${pointer} ${index + 1} ${step.name}`;
    const fields = step.fields.map(
      ([field, value]) => `${palette.paint("dim", field)} ${rowText(value.split("\n")[0] ?? "", false)}`,
    );
    const state = step.fields.length === 0 ? palette.paint("dim", "not written yet") : "";
    const head = ` ${chosen ? palette.paint("bold", name) : name}`;
    if (!roomy) {
      rows.push(`${head}   ${state}${fields.join("   ")}`);
      continue;
    }
    rows.push(
      `${head}   ${state}${step.bytes === undefined ? "" : palette.paint("dim", `${step.bytes} bytes`)}`,
    );
    rows.push(...fields.map((field) => `       ${field}`));
  }
  return rows;
}

function blockedRows(path: DiagnosticPath, style: TextStyle): string[] {
  if (path.blocked.length === 0) return [];
  const { palette, glyphs } = style;
  return [
    "",
    ` ${palette.paint("dim", "not run because of this:")} ${path.blocked.map((job) => `${glyphs.blocked} ${job}`).join("  ")}`,
  ];
}

function excerptRows(path: DiagnosticPath | undefined, style: TextStyle, height: number): string[] {
  if (path === undefined) return [];
  const { palette } = style;
  const { excerpt } = path;
  // The first error stays in sight: it is more often the cause than the last line.
  const first = excerpt.findIndex(({ isError }) => isError);
  const from =
    excerpt.length <= height || first < 0 ? 0 : Math.max(0, Math.min(first - 2, excerpt.length - height));
  const shown = first < 0 ? excerpt.slice(-height) : excerpt.slice(from, from + height);
  return shown.map((line) => {
    const text =
      line.stream === "log"
        ? palette.paint("dim", rowText(line.text, false))
        : rowText(line.text, palette.color);
    return ` ${line.isError ? palette.paint("failed", "!") : " "} ${text}`;
  });
}
