/** What a V8 profile has of a function. */
export interface Frame {
  readonly functionName: string;
  /** Empty for what is no JavaScript. */
  readonly url: string;
}

/** A call, and what it called. */
export interface ProfileNode {
  readonly id: number;
  readonly callFrame: Frame;
  readonly children?: readonly number[];
}

/** The part of `--cpu-prof`'s file that is read here. The first node is the root. */
export interface Profile {
  readonly nodes: readonly ProfileNode[];
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

/** What is there only because the program is read from its sources, or in any program. */
const LOADING = /^(?:node:internal\/(?:modules|deps\/amaro|bootstrap)\/|node:diagnostics_channel$|wasm:)/;

/** By folder: packages of this repository, then those of others. */
const PACKAGES: ReadonlyMap<string, string> = new Map([
  ["core", "engine, machine and schedule"],
  ["engine", "engine, machine and schedule"],
  ["scheduler", "engine, machine and schedule"],
  ["artifacts", "encoding of records and documents"],
  ["record", "encoding of records and documents"],
  ["phase-validator", "validation"],
  ["provider-host", "output and ends of processes"],
  ["workflow", "reading the workflow"],
  ["yaml", "reading the workflow"],
  ["zod", "reading the workflow"],
  ["re2js", "reading the workflow"],
]);

/** Where a function belongs. `undefined` for the loading of modules. */
export function areaOf({ functionName, url }: Frame): string | undefined {
  // Node's own spawn() has a frame without JavaScript below it or not, by how it was compiled.
  if (url === "node:internal/child_process" && functionName === "spawn") return "starting processes";
  if (LOADING.test(url)) return undefined;
  if (url.startsWith("node:")) return "Node's own JavaScript";
  if (url !== "") {
    const folder = /\/(?:node_modules|packages)\/([^/]+)\/(?!.*\/node_modules\/)/.exec(url)?.[1];
    return PACKAGES.get(folder ?? "") ?? "other parts of Loom";
  }
  return (
    NATIVE.get(functionName) ??
    (FILES.test(functionName) ? "opening files and folders" : "other parts of Node")
  );
}

/** The area of each call by its id; of all that the loading of modules calls, only the modules themselves have one. */
export function areasOf(nodes: readonly ProfileNode[]): ReadonlyMap<number, string | undefined> {
  const areas = new Map<number, string | undefined>();
  const loaders = new Set<number>();
  // Callers stand before those they called.
  for (const { id, callFrame, children = [] } of nodes) {
    const area = areaOf(callFrame);
    const isLoading = area === undefined || (loaders.has(id) && !callFrame.url.startsWith("file:"));
    areas.set(id, isLoading ? undefined : area);
    if (isLoading) for (const child of children) loaders.add(child);
  }
  return areas;
}

/** The share of each area, the largest first. The loading of modules is left out. */
export function sharesOf({
  nodes,
  samples,
  timeDeltas,
}: Profile): readonly (readonly [area: string, share: number])[] {
  const areas = areasOf(nodes);
  const times = new Map<string, number>();
  let total = 0;
  for (const [index, sample] of samples.entries()) {
    const area = areas.get(sample);
    if (area === undefined) continue;
    const time = timeDeltas[index] ?? 0;
    times.set(area, (times.get(area) ?? 0) + time);
    total += time;
  }
  return [...times].map(([area, time]) => [area, time / total] as const).toSorted((a, b) => b[1] - a[1]);
}
