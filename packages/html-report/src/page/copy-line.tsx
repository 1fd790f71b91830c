import type { JSX } from "preact";
import { useState } from "preact/hooks";

/** A command that can be copied. */
export function CopyLine({ text }: { readonly text: string }): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <span class="copy">
      <code>{text}</code>
      <button type="button" onClick={copy} aria-label={`Copy ${text}`}>
        <span aria-live="polite">{isCopied ? "copied" : "copy"}</span>
      </button>
    </span>
  );
}
