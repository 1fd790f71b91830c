/**
 * What a value read from disk must look like, as data.
 *
 * One description serves two readers: `findMismatch`, which costs no start-up
 * and is used whenever Loom reads, and the zod schemas of
 * `@loom/artifacts/schemas` for programs that want zod. (Importing zod takes
 * longer than a whole `loom explain` may.)
 */
export interface Shape<T> {
  readonly node: ShapeNode;
  /** Never set: carries `T` for the type checker. */
  readonly describes?: (value: T) => T;
}

/** A shape of a field that may be absent. */
export interface OptionalShape<T> {
  readonly optional: Shape<T>;
}

/** The kinds of shape there are. */
export type ShapeNode =
  | { readonly kind: "text" }
  | { readonly kind: "flag" }
  | { readonly kind: "whole"; readonly min: number; readonly max: number }
  | { readonly kind: "words"; readonly words: readonly (string | boolean)[] }
  | { readonly kind: "list"; readonly item: ShapeNode }
  | { readonly kind: "fields"; readonly fields: readonly ShapeField[]; readonly rest?: ShapeNode }
  | { readonly kind: "anything" }
  | { readonly kind: "fact" };

/** One field of a record. */
export interface ShapeField {
  readonly name: string;
  readonly optional: boolean;
  readonly node: ShapeNode;
}

/** The shapes of all fields of `T`, optional exactly where `T` says so. */
export type FieldShapes<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K>
    ? OptionalShape<Exclude<T[K], undefined>>
    : Shape<T[K]>;
};

/** Any string. */
export function text<T extends string = string>(): Shape<T> {
  return { node: { kind: "text" } };
}

/** `true` or `false`. */
export function flag(): Shape<boolean> {
  return { node: { kind: "flag" } };
}

/** A whole number from `min` to `max`, by default 0 to 2^53 - 1. */
export function whole(min = 0, max: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return { node: { kind: "whole", min, max } };
}

/** Exactly one of these values. */
export function oneOf<const W extends string | boolean>(...words: readonly W[]): Shape<W> {
  return { node: { kind: "words", words } };
}

/** A list, each item of this shape. */
export function listOf<T>(item: Shape<T>): Shape<readonly T[]> {
  return { node: { kind: "list", item: item.node } };
}

/** A field that may be absent. It is never `null`. */
export function optional<T>(shape: Shape<T>): OptionalShape<T> {
  return { optional: shape };
}

/**
 * An object with these fields, in this order when written.
 *
 * Further fields are allowed, so that an older Loom reads what a newer one wrote.
 */
export function fields<T>(shapes: FieldShapes<T>): Shape<T> {
  return { node: { kind: "fields", fields: fieldList(shapes) } };
}

/** An object with these fields and any others, which are facts. */
export function fieldsAndFacts<T>(shapes: FieldShapes<T>): Shape<T> {
  return { node: { kind: "fields", fields: fieldList(shapes), rest: { kind: "fact" } } };
}

/** A value that is checked elsewhere. */
export function anything<T>(): Shape<T> {
  return { node: { kind: "anything" } };
}

function fieldList(shapes: object): readonly ShapeField[] {
  return Object.entries(shapes as Readonly<Record<string, Shape<unknown> | OptionalShape<unknown>>>).map(
    ([name, shape]) =>
      "optional" in shape
        ? { name, optional: true, node: shape.optional.node }
        : { name, optional: false, node: shape.node },
  );
}
