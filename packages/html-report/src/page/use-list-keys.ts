import { useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";
import { plainKey } from "./plain-key.ts";

/** What a list needs in which one item has the focus, and keys move it. */
export interface ListKeys<E extends Element> {
  readonly ref: RefObject<E | null>;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  /** For the item at a place: only one of them is in the order of the Tab key. */
  readonly itemAt: (index: number) => {
    readonly "data-item": string;
    readonly tabIndex: number;
    readonly onFocus: () => void;
  };
}

const STEPS: { readonly [key: string]: number } = {
  j: 1,
  ArrowDown: 1,
  k: -1,
  ArrowUp: -1,
  Home: -Infinity,
  End: Infinity,
};

/** `j`, `k`, the arrows, Home and End move the focus through the items of a list. */
export function useListKeys<E extends Element>(count: number): ListKeys<E> {
  const ref = useRef<E>(null);
  const [active, setActive] = useState(0);
  const inList = Math.min(active, Math.max(0, count - 1));
  return {
    ref,
    onKeyDown: (event) => {
      const step = STEPS[plainKey(event) ?? ""];
      if (step === undefined) return;
      const items = [...(ref.current?.querySelectorAll<HTMLElement | SVGElement>("[data-item]") ?? [])];
      const to = items[Math.min(items.length - 1, Math.max(0, inList + step))];
      if (to === undefined) return;
      event.preventDefault();
      to.focus();
    },
    itemAt: (index) => ({
      "data-item": "",
      tabIndex: index === inList ? 0 : -1,
      onFocus: () => setActive(index),
    }),
  };
}
