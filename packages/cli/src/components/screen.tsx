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
  /** For those who hear the screen: what it is. */
  readonly label: string;
}

/** What the screen is made of. */
export interface ScreenProps {
  readonly size: ScreenSize;
  /** They do not overlap, except that later ones lie over earlier ones. */
  readonly parts: readonly Part[];
}

/** Every part at its place. */
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
