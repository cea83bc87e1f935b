// Which rows of a long list stand in the document: those in view and a few around them.

export interface RowWindow {
  from: number;
  to: number;
}

/** Rows beyond each edge, so that a wheel's notch shows no blank. */
export const OVERSCAN = 12;

/** Below this many rows all stand in the document: finding in page and tabbing then work as everywhere. */
export const VIRTUAL_FROM = 300;

export function rowWindow(count: number, rowHeight: number, scrollTop: number, viewHeight: number): RowWindow {
  if (count <= VIRTUAL_FROM) return { from: 0, to: count };
  const first = Math.floor(Math.max(0, scrollTop) / rowHeight);
  const last = Math.ceil((Math.max(0, scrollTop) + viewHeight) / rowHeight);
  const from = Math.max(0, Math.min(first - OVERSCAN, count));
  return { from, to: Math.max(from, Math.min(count, last + OVERSCAN)) };
}

/** Where to scroll so that a row is whole in view; the same when it is. `top` is what covers the view's upper edge. */
export function scrollToShow(row: number, rowHeight: number, scrollTop: number, viewHeight: number): number {
  const start = row * rowHeight;
  if (start < scrollTop) return start;
  const end = start + rowHeight;
  return end > scrollTop + viewHeight ? end - viewHeight : scrollTop;
}
