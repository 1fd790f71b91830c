/** What a V8 profile has of a function. */
export interface Frame {
  readonly functionName: string;
  /** Empty for what is no JavaScript. */
  readonly url: string;
}

/** The part of `--cpu-prof`'s file that is read here. */
export interface Profile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: Frame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Functions of Node's that are no JavaScript, by what they are for. */
const NATIVE: ReadonlyMap<string, string> = new Map([
  ["(idle)", "waiting"],
  ["(garbage collector)", "garbage collection"],
  ["spawn", "starting processes"],
  ["writeBuffer", "writing to files"],
  ["writeString", "writing to files"],
  ["writeUtf8String", "writing to files"],
]);

const FILES =
  /^(?:open|openFileHandle|mkdir|rename|close|read|readFileUtf8|stat|lstat|fstat|existsSync|internalModuleStat|readdir|unlink|rmdir|rmSync)$/;

/** What only one part of the program says, even when it is minified; the first that fits decides. */
const MARKS: readonly (readonly [mark: string, area: string])[] = [
  ["A reader of the run failed and was detached", "engine and machine"],
  ["Cannot read the line: it is not a JSON object", "encoding of records and documents"],
  ["No stream of a run has this path", "validation"],
  ["Printed by what a step left running", "engine and machine"],
  ["its graph has no list of stages", "engine and machine"],
  ["it was never ready to start", "engine and machine"],
  ["ZodMiniType", "reading the workflow"],
  ["parseFlowCollection", "reading the workflow"],
];

/** Where a function belongs. `textOf` gives the text of a file of the program. */
export function areaOf({ functionName, url }: Frame, textOf: (url: string) => string): string {
  // Node's own spawn() has a frame without JavaScript below it or not, by how it was compiled.
  if (url === "node:internal/child_process" && functionName === "spawn") return "starting processes";
  if (url.startsWith("node:")) return "Node's own JavaScript";
  if (url !== "") {
    const text = textOf(url);
    return MARKS.find(([mark]) => text.includes(mark))?.[1] ?? "other parts of Loom";
  }
  return (
    NATIVE.get(functionName) ??
    (FILES.test(functionName) ? "opening files and folders" : "other parts of Node")
  );
}

/** The share of each area, the largest first. */
export function sharesOf(
  { nodes, samples, timeDeltas }: Profile,
  textOf: (url: string) => string,
): readonly (readonly [area: string, share: number])[] {
  const areas = new Map(nodes.map(({ id, callFrame }) => [id, areaOf(callFrame, textOf)]));
  const times = new Map<string, number>();
  let total = 0;
  for (const [index, sample] of samples.entries()) {
    const area = areas.get(sample) ?? "other parts of Node";
    const time = timeDeltas[index] ?? 0;
    times.set(area, (times.get(area) ?? 0) + time);
    total += time;
  }
  return [...times].map(([area, time]) => [area, time / total] as const).toSorted((a, b) => b[1] - a[1]);
}
