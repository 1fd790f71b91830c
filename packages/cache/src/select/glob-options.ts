/**
 * How globs are read everywhere: names that begin with a dot are matched like all others, as a
 * user who writes `dist/**` expects, and a pattern is never negated as a whole.
 */
export const GLOB_OPTIONS: { readonly dot: true; readonly nonegate: true; readonly posixSlashes: false } = {
  dot: true,
  nonegate: true,
  posixSlashes: false,
};
