import {
  jobId,
  ok,
  planRun,
  runIdentity,
  type EventError,
  type GraphNode,
  type GraphSecret,
  type OutputStream,
} from "@loom/core";
import { startRun } from "@loom/engine";
import type { JobProvider, OutputSink, RecordSink } from "@loom/ports";
import { createSchedule } from "@loom/scheduler";
import { buildJobSpec, FakeClock, graphNode, graphOf } from "@loom/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { RunSecrets } from "./run-secrets.ts";

/** A way to print a text. */
interface Form {
  readonly print: (text: string) => string;
  /** What must not be seen of a secret, wherever it stands in a text that is printed so. Default: as it prints it. */
  readonly hidden?: (secret: string) => readonly string[];
}

const LINE_END = /\r\n|\r|\n/u;

/** Lines that are long enough to be hidden by themselves. */
function longLines(text: string): readonly string[] {
  const lines = text.split(LINE_END).map((line) => line.trim());
  return lines.length === 1 ? lines : lines.filter(({ length }) => length >= 8);
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function inAsciiJson(text: string): string {
  return inJson(text).replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function inSingleQuotes(text: string): string {
  return text.replaceAll("'", String.raw`'\''`);
}

/** The characters of base64 that stay the same whatever is beside a text, at each of the places in a group of three. */
function base64Cores(text: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const [zeros = "", ones = ""] = [0, 255].map((byte) =>
      Buffer.concat([Buffer.alloc(before, byte), Buffer.from(text), Buffer.alloc(3, byte)]).toString(
        "base64",
      ),
    );
    const same = Array.from(zeros, (character, at) => (character === ones[at] ? character : " ")).join("");
    return same.trim();
  });
}

function base64After(before: string): Form {
  return { print: (text) => Buffer.from(before + text).toString("base64"), hidden: base64Cores };
}

/** Written as programs do it, and not as the redactor looks for it. */
const FORMS: readonly Form[] = [
  { print: (text) => text },
  // A terminal.
  { print: (text) => text.replaceAll(/\r\n|\r|\n/g, "\r\n") },
  base64After(""),
  base64After("x"),
  base64After("xy"),
  {
    print: (text) => Buffer.from(text).toString("base64url"),
    hidden: (secret) => base64Cores(secret).map((core) => core.replaceAll("+", "-").replaceAll("/", "_")),
  },
  { print: encodeURIComponent },
  { print: (text) => encodeURIComponent(text).replaceAll(/%../g, (code) => code.toLowerCase()) },
  { print: encodeURI },
  { print: (text) => new URLSearchParams({ "": text }).toString().slice(1) },
  { print: (text) => `"${inJson(text)}"`, hidden: (secret) => [inJson(secret)] },
  { print: (text) => `"${inAsciiJson(text)}"`, hidden: (secret) => [inAsciiJson(secret)] },
  { print: (text) => `'${inSingleQuotes(text)}'`, hidden: (secret) => [inSingleQuotes(secret)] },
  { print: (text) => text.replaceAll(/[$`"\\]/g, String.raw`\$&`) },
  {
    print: (text) =>
      text
        .split(LINE_END)
        .map((line, number) => `${number}: ${line}\n`)
        .join(""),
    hidden: longLines,
  },
  {
    print: (text) => JSON.stringify(text.split(LINE_END)),
    hidden: (secret) => longLines(secret).map(inJson),
  },
  {
    print: (text) =>
      text
        .split(LINE_END)
        .map((line) => `+ '${inSingleQuotes(line)}'\n`)
        .join(""),
    hidden: (secret) => longLines(secret).map(inSingleQuotes),
  },
];

/** What must not be seen of any of the secrets, in latin1. */
function hiddenOf(secrets: readonly string[]): readonly string[] {
  const forms = FORMS.flatMap(({ print, hidden = (one) => [print(one)] }) =>
    secrets.flatMap((secret) => hidden(secret.trim())),
  );
  return [...new Set(forms)].map((form) => Buffer.from(form).toString("latin1"));
}

/**
 * What may be anywhere in a secret, but a NUL, which no variable can hold. Letters and digits are few, so that parts of a
 * secret are like others, and none that times and names in records are made of.
 */
const character = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...Array.from("jkqJKQ789")) },
  { weight: 2, arbitrary: fc.constantFrom(...Array.from("\n\r\t '\"`\\$/+%&=<>!~.-_"), "\r\n") },
  { weight: 1, arbitrary: fc.constantFrom(...Array.from("üŵ€🔑\u2028\u0001")) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }).filter((one) => one !== "\0"),
  },
);

/** A text, and secrets in it, which may overlap and hold each other. */
const texts = fc
  .tuple(
    fc.array(character, { minLength: 4, maxLength: 80 }),
    fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 3 }),
  )
  .map(([characters, places]) => {
    const slices = places.map(([from, length]) => {
      const start = from % characters.length;
      return characters.slice(start, start + 4 + (length % characters.length)).join("");
    });
    const text = characters.join("");
    return { text, secrets: [...slices, text].filter((one) => Array.from(one.trim()).length >= 4) };
  })
  .filter(({ secrets }) => secrets.length > 0);

/** No byte of UTF-8. Three bytes and this one again and again hold no form of a secret, as those have four at least. */
const BOUND = 0xff;

const noise = fc
  .uint8Array({ maxLength: 40 })
  .map((bytes) =>
    Buffer.from([
      BOUND,
      ...Array.from(bytes).flatMap((byte, at) => (at % 3 === 2 ? [byte, BOUND] : [byte])),
      BOUND,
    ]),
  );

/** A text in a form, or so much of it that it ends in the middle. */
interface Print {
  readonly form: Form;
  /** How much of it: 1 is all. */
  readonly part: number;
}

const print: fc.Arbitrary<Print> = fc.record({
  form: fc.constantFrom(...FORMS),
  part: fc.oneof(
    { weight: 3, arbitrary: fc.constant(1) },
    { weight: 1, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
  ),
});

/** What is printed to one output, and what comes before each. */
type Output = readonly (readonly [Buffer, Print])[];

const output: fc.Arbitrary<Output> = fc.array(fc.tuple(noise, print), { minLength: 1, maxLength: 5 });

type Chunk = readonly [stream: OutputStream, bytes: Buffer];

/** Both outputs, cut at the given places and mixed. */
function inChunks(
  outputs: { readonly [S in OutputStream]: Buffer },
  cuts: readonly (readonly [place: number, stream: OutputStream])[],
): readonly Chunk[] {
  const chunks: Chunk[] = [];
  const given = { stdout: 0, stderr: 0 };
  for (const [place, stream] of cuts) {
    const rest = outputs[stream].subarray(given[stream]);
    // Small ones mostly: a cut is of interest where a secret is.
    const length = place % (Math.min(rest.length, 24) + 1);
    chunks.push([stream, rest.subarray(0, length)]);
    given[stream] += length;
  }
  for (const stream of ["stderr", "stdout"] as const)
    chunks.push([stream, outputs[stream].subarray(given[stream])]);
  return chunks;
}

/** A provider that prints chunks in each of its sections and in its step, and notes a text and fails with it. */
function printing(chunks: readonly Chunk[], said: string): JobProvider {
  const error: EventError = { code: "internal", message: said };
  const write = async (output: OutputSink): Promise<void> => {
    for (const [stream, bytes] of chunks) {
      const chunk = Uint8Array.from(bytes);
      await output.write(stream, chunk);
      // The memory is used for the next one.
      chunk.fill(BOUND);
    }
  };
  return {
    name: "printing",
    prepare: async (_job, sections) => {
      await sections.run("provider", async (section) => {
        section.log("info", said, { provider: "printing", facts: [{ said }] });
        await write(section.output);
        return { status: "success" };
      });
      return ok({
        run: async (_step, output) => {
          await write(output);
          return { kind: "not_started", error };
        },
        close: async (section) => {
          section.log("warn", said);
          await write(section.output);
          return ok(undefined);
        },
      });
    },
  };
}

interface JobRecords {
  /** The bytes of each output of each stream. */
  readonly outputs: ReadonlyMap<string, Buffer>;
  /** Every text of all other records. */
  readonly texts: readonly string[];
}

/** Runs a job with secrets through the engine. */
async function record(secrets: readonly string[], provider: JobProvider): Promise<JobRecords> {
  const asked = secrets.map((_, at): GraphSecret => ({
    name: `S${at}`,
    ref: `env://V${at}`,
    file: false,
    required: true,
  }));
  const node: GraphNode = graphNode("j", "s", { secrets: asked });
  const identity = runIdentity(7n);
  const run = await RunSecrets.open([node], {
    runId: identity.runId,
    env: Object.fromEntries(secrets.map((value, at) => [`V${at}`, value])),
    folder: "/nowhere",
  });
  const lines = new Map<string, Buffer[]>();
  const records: unknown[] = [];
  const sink: RecordSink = {
    record: (_stream, one) => void records.push(one),
    lines: (stream, { stream: output, bytes, ends }) => {
      const name = `${stream.kind}${stream.kind === "section" ? ` ${stream.section}` : ""} ${output}`;
      const found = lines.get(name) ?? [];
      lines.set(name, found);
      for (const [at, end] of ends.entries())
        found.push(
          Buffer.from(bytes.subarray(at === 0 ? 0 : (ends[at - 1] ?? 0) + 1, end)),
          Buffer.from("\n"),
        );
    },
    flush: () => undefined,
  };
  const clock = new FakeClock();
  const spec = { ...buildJobSpec({ workspaceRoot: "/nowhere", id: "j" }), node };
  await startRun({
    identity,
    schedule: createSchedule,
    clock,
    sinks: [sink],
    host: {
      bootstrap: async () =>
        ok({
          plan: planRun(graphOf([{ id: jobId("j") }]), { concurrency: 1 }),
          jobFor: () => ({ provider: run.around(provider), spec }),
        }),
      finalize: async () => ok(clock.now()),
    },
  }).finished;
  const outputs = new Map([...lines].map(([name, parts]) => [name, Buffer.concat(parts)]));
  return { outputs, texts: [...textsIn(records)] };
}

function* textsIn(value: unknown): Iterable<string> {
  if (typeof value === "string") yield value;
  else if (typeof value === "object" && value !== null)
    for (const each of Object.values(value)) yield* textsIn(each);
}

/** What a marker separates was not side by side in the output. */
function partsOf(bytes: Uint8Array): readonly string[] {
  return Buffer.from(bytes)
    .toString("latin1")
    .split(/\[REDACTED:SECRET_S\d\]/u);
}

const cuts = fc.array(fc.tuple(fc.nat(), fc.constantFrom<OutputStream>("stdout", "stderr")), {
  maxLength: 30,
});

test("nothing that is recorded of a job holds a secret, and what is not secret is recorded as it was", async () => {
  const outputs = fc.record({ stdout: output, stderr: output });
  await fc.assert(
    fc.asyncProperty(texts, outputs, cuts, print, async ({ text, secrets }, printed, places, said) => {
      const hidden = hiddenOf(secrets);
      const seenIn = (bytes: Uint8Array): readonly string[] =>
        partsOf(bytes).flatMap((part) => hidden.filter((form) => part.includes(form)));
      const bytesOf = ({ form, part }: Print): Buffer => {
        const whole = Buffer.from(form.print(text));
        return whole.subarray(0, Math.ceil(whole.length * part));
      };
      const joined = (parts: Output): Buffer =>
        Buffer.concat(parts.flatMap(([around, one]) => [around, bytesOf(one)]));
      const chunks = inChunks({ stdout: joined(printed.stdout), stderr: joined(printed.stderr) }, places);
      const recorded = await record(secrets, printing(chunks, said.form.print(text)));

      expect([...recorded.outputs.keys()].sort()).toEqual(
        ["section cleanup", "section provider", "step"].flatMap((name) => [
          `${name} stderr`,
          `${name} stdout`,
        ]),
      );
      for (const [name, shown] of recorded.outputs) {
        let at = 0;
        for (const [around, one] of printed[name.endsWith("stdout") ? "stdout" : "stderr"]) {
          expect(shown.subarray(at, at + around.length).equals(around)).toBe(true);
          const end = shown.indexOf(BOUND, at + around.length);
          const piece = shown.subarray(at + around.length, end === -1 ? shown.length : end);
          at = end;
          expect(seenIn(piece)).toEqual([]);
          if (partsOf(piece).length > 1) continue;
          const was = bytesOf(one).toString();
          // The last line is a whole one in the records.
          expect(piece.toString()).toBe(end === -1 && !was.endsWith("\n") ? `${was}\n` : was);
        }
        expect(at).toBe(-1);
      }
      expect(recorded.texts.flatMap((one) => seenIn(Buffer.from(one)))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
