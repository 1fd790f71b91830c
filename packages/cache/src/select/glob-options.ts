/**
 * How all globs are matched: dotfiles like any other name, as a user who writes `dist/**` expects, and without
 * negation of a whole pattern.
 */
export const GLOB_OPTIONS: { readonly dot: true; readonly nonegate: true; readonly posixSlashes: false } = {
  dot: true,
  nonegate: true,
  posixSlashes: false,
};
