import { Box } from "ink";
import type { ReactElement } from "react";
import type { ScreenSize } from "../terminal/terminal.ts";
import type { Rect } from "../state/layout.ts";
import { Rows } from "./rows.tsx";

/** A part of the screen with its rows. */
export interface Part {
  readonly name: string;
  readonly rect: Rect;
  readonly rows: readonly string[];
  /** What the part is, for screen readers. */
  readonly label: string;
}

/** What the screen is made of. */
export interface ScreenProps {
  readonly size: ScreenSize;
  /** Where parts overlap, later ones cover earlier ones. */
  readonly parts: readonly Part[];
}

/** Draws every part in its place. */
export function Screen({ size, parts }: ScreenProps): ReactElement {
  return (
    <Box width={size.columns} height={size.rows}>
      {parts.map(({ name, rect, rows, label }) => (
        <Box key={name} position="absolute" marginLeft={rect.x} marginTop={rect.y} aria-label={label}>
          <Rows rows={rows} width={rect.width} height={rect.height} />
        </Box>
      ))}
    </Box>
  );
}
