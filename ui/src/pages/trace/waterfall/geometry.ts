// Where things stand in the waterfall: the name column, rows, indents, and what lies under the pointer.
import type { Preferences } from '../../../preferences/preferences';
import type { Rows } from './rows';
import type { TimeScale } from './scale';

export const AXIS_HEIGHT = 24;
export const ROW_HEIGHTS: Record<Preferences['density'], number> = { compact: 20, normal: 24, comfortable: 28 };
export const INDENT = 12;
/** Deeper rows stand here and say how much deeper they are. */
export const MAX_INDENT_DEPTH = 24;
export const MAX_STICKY = 5;
/** Rows that stick take no more than this share of the height. */
const MAX_STICKY_SHARE = 0.34;
export const TOGGLE_WIDTH = 18;
export const NAME_PADDING = 6;
/** Beside the bars, so that a label finds room beside a bar that fills the window. */
export const LABEL_GUTTER = 104;
export const PLOT_PADDING = 8;
export const MIN_NAME_SHARE = 0.15;
export const MAX_NAME_SHARE = 0.7;

export interface Frame {
  width: number;
  height: number;
  nameWidth: number;
  rowHeight: number;
  scrollTop: number;
}

export function clampNameShare(share: number): number {
  return Math.min(MAX_NAME_SHARE, Math.max(MIN_NAME_SHARE, share));
}

export function scaleOf(frame: Frame, from: number, to: number): TimeScale {
  const left = frame.nameWidth + PLOT_PADDING;
  return { from, to, left, width: Math.max(20, frame.width - left - LABEL_GUTTER) };
}

/** Where a row's toggle begins. Narrow columns and shallow caps never push names out: at most half the column is indent. */
export function indentOf(depth: number, nameWidth: number): { x: number; deeper: number } {
  const fits = Math.max(1, Math.floor((nameWidth * 0.5) / INDENT));
  const shown = Math.min(depth, MAX_INDENT_DEPTH, fits);
  return { x: NAME_PADDING + shown * INDENT, deeper: depth - shown };
}

/** First and last (exclusive) entry in sight. */
export function entriesInSight(frame: Frame, count: number): [number, number] {
  const first = Math.max(0, Math.floor(frame.scrollTop / frame.rowHeight));
  const last = Math.min(count, Math.ceil((frame.scrollTop + frame.height - AXIS_HEIGHT) / frame.rowHeight));
  return [Math.min(first, count), Math.max(last, 0)];
}

export function entryTop(frame: Frame, entry: number): number {
  return AXIS_HEIGHT + entry * frame.rowHeight - frame.scrollTop;
}

/** How many rows may stick: in a low window, fewer. */
export function mostSticky(frame: Frame): number {
  return Math.max(1, Math.min(MAX_STICKY, Math.floor(((frame.height - AXIS_HEIGHT) * MAX_STICKY_SHARE) / frame.rowHeight)));
}

/** The entries above the first in sight that stay at the top, outermost first: the nearest ancestors of the row below them. */
export function stickyEntries(rows: Rows, frame: Frame): number[] {
  if (frame.scrollTop <= 0 || rows.count === 0) return [];
  const most = mostSticky(frame);
  let kept: number[] = [];
  for (let size = 0; size <= most; size++) {
    const below = Math.min(rows.count - 1, Math.floor((frame.scrollTop + size * frame.rowHeight + SLIVER) / frame.rowHeight));
    kept = [];
    for (let at = rows.parent[below]!; at >= 0; at = rows.parent[at]!) {
      if (isHidden(frame, at, size)) kept.push(at);
      if (kept.length === most) break;
    }
    if (kept.length <= size) break;
  }
  return kept.reverse();
}

/** A row of which no more than this shows is as good as hidden. */
const SLIVER = 4;

/** Whether `size` rows at the top cover the entry, but for a sliver. */
function isHidden(frame: Frame, entry: number, size: number): boolean {
  return entry * frame.rowHeight <= frame.scrollTop + (size - 1) * frame.rowHeight + SLIVER;
}

export type Hit =
  | { part: 'toggle' | 'name' | 'time'; entry: number; isSticky: boolean }
  | { part: 'axis' | 'divider' | 'nothing'; entry: -1; isSticky: false };

const DIVIDER_REACH = 4;

/** What lies at a point of the canvas. */
export function hitTest(rows: Rows, frame: Frame, sticky: readonly number[], x: number, y: number): Hit {
  if (Math.abs(x - frame.nameWidth) <= DIVIDER_REACH) return { part: 'divider', entry: -1, isSticky: false };
  if (y < AXIS_HEIGHT) return { part: 'axis', entry: -1, isSticky: false };
  const slot = Math.floor((y - AXIS_HEIGHT) / frame.rowHeight);
  const isSticky = slot < sticky.length;
  const entry = isSticky ? sticky[slot]! : Math.floor((y - AXIS_HEIGHT + frame.scrollTop) / frame.rowHeight);
  if (entry < 0 || entry >= rows.count) return { part: 'nothing', entry: -1, isSticky: false };
  if (x > frame.nameWidth) return { part: 'time', entry, isSticky };
  const { x: left } = indentOf(rows.depth[entry]!, frame.nameWidth);
  return { part: rows.opening[entry]! > 0 && x >= left - 4 && x < left + TOGGLE_WIDTH + 2 ? 'toggle' : 'name', entry, isSticky };
}

/** The scroll position that shows the entry clear of the sticky rows, changed as little as possible; in the middle when it was out of sight and `centre`. */
export function scrollToShow(frame: Frame, entry: number, stickyCount: number, centre = false): number {
  const view = frame.height - AXIS_HEIGHT;
  const top = entry * frame.rowHeight;
  const margin = Math.min(stickyCount * frame.rowHeight, Math.max(0, view - 2 * frame.rowHeight));
  if (top >= frame.scrollTop + margin && top + frame.rowHeight <= frame.scrollTop + view) return frame.scrollTop;
  if (centre) return Math.max(0, top - (view - frame.rowHeight) / 2);
  return Math.max(0, top < frame.scrollTop + margin ? top - margin : top + frame.rowHeight - view);
}
