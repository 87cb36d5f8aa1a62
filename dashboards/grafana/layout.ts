/**
 * # Where panels stand
 *
 * Left to right, a new line where the next one does not fit; a line is as high as its highest panel. The same panels always
 * stand the same, and none overlap.
 */

export const GRID_COLUMNS = 24;

export interface Box {
  readonly width: number;
  readonly height: number;
}

export interface GridPosition {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Where a line ends short of the edge its last box takes the rest: a store may not answer what would stand there. */
export function stretched(positions: readonly GridPosition[]): readonly GridPosition[] {
  return positions.map((position, index) => {
    const isLast = positions[index + 1]?.y !== position.y;
    return isLast ? { ...position, w: GRID_COLUMNS - position.x } : position;
  });
}

export function positionsOf(boxes: readonly Box[]): readonly GridPosition[] {
  let x = 0;
  let y = 0;
  let lineHeight = 0;
  return boxes.map(({ width, height }) => {
    if (x + width > GRID_COLUMNS) {
      x = 0;
      y += lineHeight;
      lineHeight = 0;
    }
    const position = { x, y, w: width, h: height };
    x += width;
    lineHeight = Math.max(lineHeight, height);
    return position;
  });
}
