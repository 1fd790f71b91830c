// Runs beside an unpacked copy of the package: sees its exports and nothing of the sources.
import { formatDuration, parseDuration } from "plain-duration";

const written = formatDuration(parseDuration("90m") ?? 0);
if (written !== "1h30m") throw new Error(`The packed library writes 90m as ${written}`);
process.stdout.write(`the packed library works: 90m is ${written}\n`);
