import type { Options } from "tsup";

/** What the builds of the program and of its parts share: everything that they need in few small files. */
export const PROGRAM_OPTIONS = {
  format: ["esm"],
  target: "node22",
  platform: "node",
  splitting: true,
  clean: true,
  minify: true,
  sourcemap: false,
  dts: false,
  noExternal: [/.*/],
} satisfies Options;
