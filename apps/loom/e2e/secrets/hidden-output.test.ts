import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LoomEvent } from "@loom/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeProject, type Project } from "../project.ts";

/** A way to print a text, and what must not be seen of a secret in it: parts of one line, as records and files have lines. */
interface Form {
  readonly print: (text: string) => string;
  readonly hidden: (secret: string) => readonly string[];
}

function linesOf(text: string): readonly string[] {
  return text.split("\n");
}

/** Those that are long enough to be hidden by themselves. */
function longLines(text: string): readonly string[] {
  return linesOf(text)
    .map((line) => line.trim())
    .filter(({ length }) => length >= 8);
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function inSingleQuotes(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}

/** The characters of base64 that depend on the text alone, at each of the places in a group of three. */
function base64Cores(text: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]).toString("base64");
    return encoded.slice(before + (before > 0 ? 1 : 0)).replace(/.?=*$/u, "");
  });
}

const FORMS: readonly Form[] = [
  { print: (text) => text, hidden: longLines },
  {
    print: (text) =>
      linesOf(text)
        .map((line, number) => `${number}: ${line}`)
        .join("\n"),
    hidden: longLines,
  },
  ...["", "x", "xy"].map((before): Form => ({
    print: (text) => Buffer.from(before + text).toString("base64"),
    hidden: base64Cores,
  })),
  { print: encodeURIComponent, hidden: (secret) => [encodeURIComponent(secret)] },
  { print: (text) => JSON.stringify({ text }), hidden: (secret) => [inJson(secret)] },
  { print: (text) => `'${inSingleQuotes(text)}'`, hidden: (secret) => longLines(secret).map(inSingleQuotes) },
];

const line = fc.string({
  unit: fc.constantFrom(...Array.from("jkqxJKQX789 '\"\\$/+%&=<>`üŵ€🔑")),
  minLength: 8,
  maxLength: 50,
});

/** A text of some lines, and two secrets in it, which may overlap. */
const texts = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 3 }), fc.nat(), fc.nat())
  .map(([lines, from, to]) => {
    const text = lines.join("\n");
    const characters = Array.from(text);
    const start = from % characters.length;
    const end = to % characters.length;
    const slices = [characters.slice(0, end), characters.slice(start)].map((part) => part.join(""));
    return { text, secrets: [...slices, text].filter((secret) => longLines(secret.trim()).length > 0) };
  })
  .filter(({ secrets }) => secrets.length > 0);

/** What is printed: a line that is to be seen, and a line with one of the texts in it. */
const prints = fc.array(
  fc.record({
    seen: fc
      .string({ unit: fc.constantFrom(...Array.from("ABC abc_.")), maxLength: 40 })
      .map((text) => `~${text}`),
    form: fc.constantFrom(...FORMS),
    text: fc.nat(),
  }),
  { minLength: 3, maxLength: 10 },
);

/** Where the output is cut, and which of the cuts last so long that a line is recorded before it ends. */
const cuts = fc.array(fc.tuple(fc.nat({ max: 30 }), fc.nat({ max: 3 }), fc.nat({ max: 60 })), {
  minLength: 20,
  maxLength: 80,
});

const STREAMS = ["stdout", "stderr"] as const;

const jobs = fc.array(fc.record({ stdout: prints, stderr: prints, cuts }), { minLength: 5, maxLength: 5 });

/** Prints what a file says: to which output, what, and how long to wait then. */
const PLAY = `import { readFileSync, writeSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
for (const [output, bytes, ms] of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  writeSync(output, Buffer.from(bytes, "base64"));
  if (ms > 0) await setTimeout(ms);
}
`;

/** Both outputs of a job in pieces, for {@link PLAY}. */
function inPieces(
  outputs: readonly Buffer[],
  places: readonly (readonly [length: number, ms: number, longer: number])[],
): readonly (readonly [output: number, bytes: string, ms: number])[] {
  const rest = [...outputs];
  const pieces: (readonly [number, string, number])[] = [];
  for (const [index, [length, ms, longer]] of places.entries()) {
    const output = (index + length) % 2;
    const bytes = rest[output] ?? Buffer.of();
    pieces.push([output + 1, bytes.subarray(0, length).toString("base64"), longer === 0 ? 300 : ms]);
    rest[output] = bytes.subarray(length);
  }
  return [...pieces, ...rest.map((bytes, output) => [output + 1, bytes.toString("base64"), 0] as const)];
}

/** Other outputs that show what jobs print. */
const REPORTERS = ["json", "verbose", "group", "plain", "a11y", "tap", "junit", "github", "gitlab"] as const;

/** Every file in a folder of the project. */
function filesOf({ root }: Project, folder: string): ReadonlyMap<string, string> {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return new Map(paths.map((path) => [path, readFileSync(path, "utf8")]));
}

/** What is recorded of one output, pieces of lines put together. */
function recordedText(records: readonly LoomEvent[], stream: (typeof STREAMS)[number]): string {
  return records
    .flatMap((record) =>
      record.event === "output" && record.stream === stream
        ? [record.text, ...(record.partial === true ? [] : ["\n"])]
        : [],
    )
    .join("");
}

test("no secret in random output, cut at random, is in any file or output, and the rest is there in order", () => {
  const seed = Date.now() % 2 ** 31;
  const [sampled] = fc.sample(fc.tuple(fc.array(texts, { minLength: 3, maxLength: 3 }), jobs), {
    seed,
    numRuns: 1,
  });
  if (sampled === undefined) throw new Error("fast-check gave nothing");
  const [pool, printing] = sampled;
  const secrets = pool.flatMap((one) => one.secrets);
  const asked = secrets.map((_, at) => `S${at}: {ref: "env://V${at}", file: ${at % 2 === 0}}`).join(", ");
  const project = makeProject({
    workflow: `version: v1
stages: [a]
default: {timeout: 1m}
${printing.map((_, at) => `j${at}: {stage: a, secrets: {${asked}}, script: [node play.mjs j${at}.json]}\n`).join("")}`,
  });
  writeFileSync(join(project.root, "play.mjs"), PLAY);
  for (const [at, job] of printing.entries()) {
    const outputs = STREAMS.map((stream) =>
      Buffer.from(
        job[stream]
          .map(({ seen, form, text }) => `${seen}\nA${form.print(pool[text % pool.length]?.text ?? "")}A\n`)
          .join(""),
      ),
    );
    writeFileSync(join(project.root, `j${at}.json`), JSON.stringify(inPieces(outputs, job.cuts)));
  }

  const env = Object.fromEntries(secrets.map((value, at) => [`V${at}`, value]));
  const others = REPORTERS.flatMap((reporter) => ["--reporter", `${reporter}=out/${reporter}`]);
  const streamed = project.loom(["run", "--stream", ...others, "-j", "5"], env);
  expect(streamed.exitCode, `seed ${seed}: ${streamed.stdout}`).toBe(0);
  const { jobManifest, events } = project.lastRun();
  const written = new Map([["loom run --stream", streamed.stdout + streamed.stderr]]);
  for (const [at, job] of printing.entries()) {
    const records = events(jobManifest(`j${at}`).steps[0]?.events_path ?? "none");
    for (const stream of STREAMS) {
      const text = recordedText(records, stream);
      const seen = text.split("\n").filter((each) => each.startsWith("~"));
      expect(seen, `seed ${seed}: j${at} ${stream}`).toEqual(job[stream].map((one) => one.seen));
      expect(text, `seed ${seed}`).toContain("[REDACTED:SECRET_S");
      written.set(`j${at} ${stream}`, text);
    }
  }
  for (const command of ["logs", "explain --json --all", "show --json"]) {
    const { stdout, stderr } = project.loom(command.split(" "), env);
    written.set(`loom ${command}`, stdout + stderr);
  }
  for (const [path, text] of [...filesOf(project, ".loom/.runtime"), ...filesOf(project, "out")])
    written.set(path, text);

  const forms = FORMS.flatMap((form) => secrets.flatMap((secret) => form.hidden(secret.trim())));
  const hidden = [...new Set([...forms, ...forms.map(inJson)])];
  const leaks = [...written].flatMap(([where, text]) =>
    hidden.filter((form) => text.includes(form)).map((form) => `${form} in ${where}`),
  );
  expect(leaks, `seed ${seed}`).toEqual([]);
  expect(project.verdict()).toBe("valid");
});
