// Measures how fast a redactor reads 100 MB of output in chunks of 64 KiB, and what making one costs.
// Run: node --conditions=@loom/source packages/secrets/bench/redaction-speed.ts [--rounds=5]
import { createRedactor } from "../src/index.ts";

const CHUNK = 65_536;
const CHUNKS = 1600;
const rounds = Number(process.argv.find((word) => word.startsWith("--rounds="))?.slice(9) ?? 5);
const random = generator(12_345);

const tokens = new Map([
  ["NPM_TOKEN", `npm_${letters(36)}`],
  ["PASSWORD", "c0rrect h0rse/battery&staple"],
  ["API_KEY", letters(20)],
]);
const withKey = new Map([...tokens, ["SIGNING_KEY", pem(3200)]]);
const withShort = new Map([...tokens, ["PIN", "x9f2"]]);

const outputs: readonly (readonly [string, Buffer])[] = [
  ["a build log", prose()],
  ["base64", Buffer.from(Buffer.from(bytes((CHUNK / 4) * 3)).toString("base64"))],
  ["random bytes", Buffer.from(bytes(CHUNK))],
  [
    "a secret in each 200 bytes",
    Buffer.from(
      `${prose().toString("latin1", 0, 150)} ${letters(8)} ${tokens.get("NPM_TOKEN")}\n`
        .repeat(400)
        .slice(0, CHUNK),
    ),
  ],
  ["one beginning of a secret after another", Buffer.from("npm_".repeat(CHUNK / 4))],
];

for (const [title, values] of [
  ["no secrets", new Map<string, string>()],
  ["three secrets", tokens],
  ["and one of 4 characters", withShort],
  ["and a key of 3.2 KB", withKey],
] as const) {
  const made = median(() => void createRedactor(values));
  process.stdout.write(`${title}: made in ${made.toFixed(1)} ms\n`);
  const redactor = createRedactor(values);
  for (const [kind, chunk] of outputs) {
    const took = median(() => {
      const stream = redactor.stream();
      for (let count = 0; count < CHUNKS; count++) stream.push(chunk);
      stream.end();
    });
    process.stdout.write(`  ${((CHUNK * CHUNKS) / 1000 / took).toFixed(0).padStart(8)} MB/s  ${kind}\n`);
  }
}

/** Milliseconds. */
function median(work: () => void): number {
  const times = Array.from({ length: rounds }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  });
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
}

function prose(): Buffer {
  const words =
    "the test of packages/core passed in 12 ms: warning error src/index.ts compiled module from cache with 3 files and no problems".split(
      " ",
    );
  let text = "";
  while (text.length < CHUNK)
    text += `${words[random() % words.length] ?? ""}${random() % 12 === 0 ? "\n" : " "}`;
  return Buffer.from(text.slice(0, CHUNK));
}

function letters(count: number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from({ length: count }, () => alphabet[random() % 62] ?? "").join("");
}

function pem(count: number): string {
  const lines =
    Buffer.from(bytes((count / 65) * 48))
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
}

function bytes(count: number): number[] {
  return Array.from({ length: count }, () => random() % 256);
}

/** Whole numbers, the same for each run. Source: xorshift32, Marsaglia. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 1;
  };
}
