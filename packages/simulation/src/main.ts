import { parseArgs } from "node:util";
import { writeImage } from "./crash/write-image.ts";
import { simulate } from "./simulate.ts";
import { simulateAcross } from "./simulate-across.ts";
import { tellStory } from "./story/tell-story.ts";

const USAGE = `Usage: npm run simulate -- --seed N [--write DIR]    replay one seed and tell its story
       npm run simulate -- --from N --count M        run M seeds and name those that break a rule
`;

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    from: { type: "string", default: "1" },
    count: { type: "string" },
    write: { type: "string" },
  },
});

if (values.seed !== undefined) {
  const run = await simulate(Number(values.seed));
  if (values.write !== undefined) writeImage(run.image, values.write);
  process.stdout.write(tellStory(run));
  process.exitCode = run.complaints.length === 0 ? 0 : 1;
} else if (values.count === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  const total = await simulateAcross({ from: Number(values.from), count: Number(values.count) });
  for (const { seed, complaints } of total.broken)
    process.stdout.write(
      `seed ${seed}\n${complaints.map(({ rule, message }) => `  ${rule}: ${message}\n`).join("")}`,
    );
  process.stdout.write(
    `${total.runs} runs, ${JSON.stringify(total.endings)}, ${total.broken.length} broke a rule\n`,
  );
  process.exitCode = total.broken.length === 0 ? 0 : 1;
}
