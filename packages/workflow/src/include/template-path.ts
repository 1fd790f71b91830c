/**
 * What an include may name: a YAML file that, as written, lies below
 * `.loom/templates/`. Where symlinks lead is the reader's to judge.
 *
 * The character class is everything but control characters and the backslash,
 * written so that it means the same in a JSON Schema.
 */
export const TEMPLATE_PATH: RegExp = /^(?!.*\.\.)(?!.*\/\.?\/)\.loom\/templates\/[ -[\]-\uFFFF]+\.ya?ml$/;
