import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedactor, type Redactor } from "./create-redactor.ts";
import { valueForms } from "./value-forms.ts";

const HIDDEN = "[REDACTED:SECRET_TOKEN]";

function redactorOf(value: string): Redactor {
  return createRedactor(new Map([["TOKEN", value]]));
}

/** The output of a stream that gets the bytes cut at the given places. */
function inChunks(redactor: Redactor, bytes: Buffer, cuts: readonly number[]): Buffer {
  const stream = redactor.stream();
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const given = places.slice(1).map((end, at) => Buffer.from(stream.push(bytes.subarray(places[at], end))));
  return Buffer.concat([...given, stream.end()]);
}

describe("text()", () => {
  test("hides a value, wherever it stands", () => {
    expect(redactorOf("hunter22").text("login hunter22, then hunter22hunter22")).toBe(
      `login ${HIDDEN}, then ${HIDDEN}${HIDDEN}`,
    );
  });

  test.each([
    ["base64", "p4ss/w0rd?>", (text: string) => Buffer.from(text).toString("base64")],
    ["base64 for URLs", "p4ss/w0rd?>", (text: string) => Buffer.from(text).toString("base64url")],
    ["a URL", "p4ss w0rd/ü&", (text: string) => encodeURIComponent(text)],
    ["a URL in lower case", "p4ss/w0rd", (text: string) => text.replace("/", "%2f")],
    ["a whole URL", "p4ss w0rd/ü&", (text: string) => encodeURI(text)],
    ["a form", "p4ss w0rd!~", (text: string) => new URLSearchParams({ "": text }).toString().slice(1)],
    ["JSON", 'p4ss"w0\\rd\n\u001b', (text: string) => JSON.stringify(text).slice(1, -1)],
    ["JSON in ASCII", "p4ssŵ0rd🔑", () => String.raw`p4ss\u01750rd\ud83d\udd11`],
    ["JSON in ASCII and upper case", "p4ssŵ0rd🔑", () => String.raw`p4ss\u01750rd\uD83D\uDD11`],
    ["JSON of Go", "p4ss<w0rd>&", () => String.raw`p4ss\u003cw0rd\u003e\u0026`],
    ["JSON of PHP", "p4ss/w0rd", () => String.raw`p4ss\/w0rd`],
    ["JSON in codes only", "p4ss", () => String.raw`\u0070\u0034\u0073\u0073`],
    ["single quotes", "it's a 'p4ss'", () => String.raw`it'\''s a '\''p4ss'\''`],
    ["quotes of dash", "it's a p4ss", () => `it'"'"'s a p4ss`],
    ["double quotes", '$p4ss`"\\', () => '\\$p4ss\\`\\"\\\\'],
    ["backslashes", "p4ss w0rd$", () => String.raw`p4ss\ w0rd\$`],
    ["quotes with codes of bash or Python", `it's\n"p4ss\\"`, () => String.raw`it\'s\n"p4ss\\"`],
    ["backticks", `it's\n"p4ss\\"`, () => String.raw`it's\n"p4ss\\"`],
    ["a terminal", "p4ss\nw0rd", (text: string) => text.replace("\n", "\r\n")],
  ])("hides a value as it is in %s", (_, value, shown) => {
    expect(redactorOf(value).text(`>${shown(value)}<`)).toBe(`>${HIDDEN}<`);
  });

  test("hides base64 of a value that is inside of what was encoded, but for what others share", () => {
    for (const before of ["", "u", "us", "use", "user"]) {
      const encoded = Buffer.from(`${before}hunter22-hunter22${before}`).toString("base64");
      const core = Buffer.from("hunter22-hunter22").toString("base64").slice(4, -4);
      const shown = redactorOf("hunter22-hunter22").text(encoded);
      expect(shown).toMatch(/^[\w+/]{0,6}\[REDACTED:SECRET_TOKEN\][\w+/=]{0,8}$/);
      expect(shown).not.toContain(core);
    }
  });

  test("hides base64 in lines, as base64 and openssl write it", () => {
    const key = Array.from({ length: 30 }, (_, line) => `line ${line * 7919} of a key`).join("\n");
    for (const width of [76, 64])
      for (const end of ["\n", "\r\n"])
        for (const more of ["", "\n"]) {
          const lines = Buffer.from(key + more)
            .toString("base64")
            .match(new RegExp(`.{1,${width}}`, "g"));
          expect(redactorOf(key).text(lines?.join(end) ?? "")).toMatch(/^\[[\w:]+\][\w=]{0,4}$/);
        }
  });

  test("hides each long line of a value, without the blanks around it", () => {
    const redactor = redactorOf("-----BEGIN-----\n  c2VjcmV0IQ==\nshort\n");
    expect(redactor.text("c2VjcmV0IQ== short -----BEGIN-----")).toBe(`${HIDDEN} short ${HIDDEN}`);
  });

  test("hides a value whose last newline was lost", () => {
    expect(redactorOf("hunter22\n").text("hunter22!")).toBe(`${HIDDEN}!`);
  });

  test("names the secret; of equal ones the first", () => {
    const redactor = createRedactor(
      new Map([
        ["ONE", "hunter22"],
        ["TWO", "hunter22"],
        ["SIX", "hunter22-and-more"],
      ]),
    );
    expect(redactor.text("hunter22 hunter22-and-more")).toBe("[REDACTED:SECRET_ONE] [REDACTED:SECRET_SIX]");
  });

  test("leaves a text without secrets as it is, even one that is not Unicode", () => {
    expect(redactorOf("hunter22").text("half a \ud83d")).toBe("half a \ud83d");
  });
});

test("createRedactor() without secrets does nothing", () => {
  const redactor = createRedactor(new Map());
  const chunk = Buffer.from("anything");
  expect(redactor.stream().push(chunk)).toBe(chunk);
  expect(redactor.stream().end()).toHaveLength(0);
  expect(redactor.text("anything")).toBe("anything");
});

test("createRedactor() refuses a value that is too short to hide", () => {
  expect(() => redactorOf(" abc ")).toThrow("The value of secret TOKEN is shorter than 4 characters");
});

/** Of any Unicode and of what is escaped; no part of a marker. */
const value = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom(...Array.from("xyz019 \n\"'\\$/+%&<>`!~üŵ🔑")),
      fc.string({ minLength: 1, maxLength: 1 }),
    ),
    minLength: 4,
    maxLength: 60,
  })
  .filter((text) => Array.from(text.trim()).length >= 4 && !/[\][:_]|[A-Z]{4}/.test(text));

const values = fc
  .array(value, { minLength: 1, maxLength: 3 })
  .map((all) => new Map(all.map((one, at) => [`S${at}`, one])));

const noise = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ maxLength: 40 }).map((text) => Buffer.from(text)),
);

const cuts = fc.array(fc.nat(), { maxLength: 20 });

test("no form of a secret survives, whatever is around it and wherever it is cut", () => {
  const output = fc.array(fc.tuple(noise, fc.nat(), fc.nat()), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(values, output, cuts, (secrets, parts, places) => {
      const forms = [...secrets.values()].map((one) => [...valueForms(one)]);
      const bytes = Buffer.concat(
        parts.flatMap(([before, which, form]) => {
          const own = forms[which % forms.length] ?? [];
          return [before, Buffer.from(own[form % own.length] ?? "")];
        }),
      );
      const shown = inChunks(createRedactor(secrets), bytes, places);
      // What a marker separates was not side by side in the output.
      const rest = shown.toString("latin1").split(/\[REDACTED:SECRET_S\d\]/);
      expect(rest.length).toBeGreaterThan(1);
      for (const form of forms.flat())
        for (const piece of rest) expect(piece.includes(Buffer.from(form).toString("latin1"))).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test("output without secrets is unchanged, byte for byte", () => {
  fc.assert(
    fc.property(values, fc.array(noise), cuts, (secrets, parts, places) => {
      const bytes = Buffer.concat(parts);
      const forms = [...secrets.values()].flatMap((one) => [...valueForms(one)]);
      fc.pre(!forms.some((form) => bytes.includes(form)));
      expect(inChunks(createRedactor(secrets), bytes, places).equals(bytes)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("the result does not depend on the chunks", () => {
  fc.assert(
    fc.property(values, fc.array(fc.tuple(noise, fc.nat())), cuts, (secrets, parts, places) => {
      const forms = [...secrets.values()].flatMap((one) => [...valueForms(one)]);
      const bytes = Buffer.concat(
        // Halves, so that some begin a secret and do not end it.
        parts.flatMap(([before, form]) => {
          const whole = Buffer.from(forms[form % forms.length] ?? "");
          return [before, whole.subarray(0, Math.ceil(whole.length / (1 + (form % 2))))];
        }),
      );
      const redactor = createRedactor(secrets);
      const wanted = inChunks(redactor, bytes, []);
      expect(inChunks(redactor, bytes, places).equals(wanted)).toBe(true);
      expect(inChunks(redactor, bytes, Array.from(bytes.keys())).equals(wanted)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
