import { useEffect, useState } from "preact/hooks";
import { plainKey } from "./plain-key.ts";

/** How a log can be shown beside the plain way. */
export type LogLook = "wrap" | "times";

const KEYS: { readonly [key: string]: LogLook } = { w: "wrap", t: "times" };

/** How logs are shown, for as long as the page is open. */
export interface LogLooks {
  readonly wrap: boolean;
  readonly times: boolean;
  /** What a key changed, in words for those who do not see it: a button says it itself. */
  readonly said: string;
}

/**
 * How logs are shown; `w` and `t` change it, too.
 *
 * @param isShown - Whether there is a log. Without one, the keys do nothing.
 */
export function useLogLooks(isShown: boolean): readonly [LogLooks, (look: LogLook) => void] {
  const [looks, setLooks] = useState<LogLooks>({ wrap: false, times: false, said: "" });
  useEffect(() => {
    if (!isShown) return undefined;
    const press = (event: KeyboardEvent): void => {
      const look = KEYS[plainKey(event) ?? ""];
      if (look === undefined || event.repeat) return;
      setLooks((before) => ({ ...before, [look]: !before[look], said: wordsFor(look, !before[look]) }));
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [isShown]);
  return [looks, (look) => setLooks((before) => ({ ...before, [look]: !before[look], said: "" }))];
}

function wordsFor(look: LogLook, isOn: boolean): string {
  switch (look) {
    case "wrap":
      return isOn ? "Long lines wrap" : "Long lines do not wrap";
    case "times":
      return isOn ? "Times are shown" : "Times are not shown";
    default:
      return look satisfies never;
  }
}
