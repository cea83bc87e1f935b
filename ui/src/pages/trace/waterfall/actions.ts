// What can be done in a waterfall, whoever asks: keys, pointer, buttons. Reads the latest state, changes it through the page.
import type { RefObject } from 'react';
import type { ChangeView, WaterfallView } from '../traceUrl';
import type { Matches, TraceModel } from '../model';
import { groupKey } from './fold';
import { mostSticky, scrollToShow, type Frame } from './geometry';
import type { LiveWindow } from './liveWindow';
import { bottleneck, moveEntry, nextError, nextMatch, nextSegment, openDepth } from './navigation';
import { OPENING, toReveal } from './rows';
import { panBy, windowAround, zoomAt } from './scale';
import type { Shown } from './useRows';

export interface Context {
  model: TraceModel;
  shown: Shown;
  view: WaterfallView;
  matches: Matches | null;
  selected: number;
  onSelect(row: number, how?: { open?: boolean }): void;
  onView: ChangeView;
  live: LiveWindow;
  /** Where the keyboard stands: a row or ~group, −1 for nowhere. */
  cursor: number;
  setCursor(code: number, focus: boolean): void;
  frame(): Frame;
  scrollTo(top: number): void;
  /** Time under the pointer, null when it is elsewhere. */
  pointerNanos: number | null;
  /** Segment of the path one stands on, −1 for none. */
  segment: number;
  /** A row that is to be shown as soon as the rows allow it. */
  pending: number;
}

/** More rows than this are not opened one by one: an address holds only so many. */
const MAX_REVEALED = 100;
const SELECT_REST_MS = 80;

export type Actions = ReturnType<typeof makeActions>;

export function makeActions(latest: RefObject<Context>) {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const now = () => latest.current;

  const entryOf = (code: number): number => {
    const { rows } = now().shown;
    if (code >= 0) return rows.entryOf[code] ?? -1;
    return code === -1 ? -1 : rows.code.indexOf(code);
  };
  const cursorEntry = () => entryOf(now().cursor);
  /** A span to search from. */
  const cursorRow = () => {
    const { cursor, shown, selected } = now();
    if (cursor >= 0) return cursor;
    return cursor === -1 ? selected : (shown.plan.groups.members[shown.plan.groups.from[~cursor]!] ?? -1);
  };
  const showEntry = (entry: number, centre = false) => {
    const { frame, scrollTo, shown } = now();
    if (entry >= 0) scrollTo(scrollToShow(frame(), entry, Math.min(mostSticky(frame()), shown.rows.depth[entry]!), centre));
  };
  /** While a key repeats, the page need not follow every step. */
  const select = (row: number, isRepeat: boolean) => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (!isRepeat) return now().onSelect(row);
    timer = setTimeout(() => now().onSelect(row), SELECT_REST_MS);
  };
  const moveTo = (entry: number, isRepeat = false, focus = true) => {
    const { shown, setCursor } = now();
    if (entry < 0 || entry >= shown.rows.count) return;
    const code = shown.rows.code[entry]!;
    showEntry(entry);
    setCursor(code, focus);
    now().segment = -1;
    if (code >= 0) select(code, isRepeat);
  };
  const toggle = (code: number) => {
    const { model, shown, view, onView } = now();
    const key = code >= 0 ? model.spanKey(code) : groupKey(model, shown.plan.groups, ~code);
    onView({ open: view.open.includes(key) ? view.open.filter((one) => one !== key) : [...view.open, key] }, { replace: true });
  };
  /** Opens what hides the row. Whether it has an entry of its own already. */
  const reveal = (row: number): boolean => {
    const { model, shown, view, onView } = now();
    const codes = toReveal(model, shown.plan, shown.rows, shown.wanted, row);
    if (codes === null) {
      // A subtree is left for a row outside of it. Among matches alone, what is selected joins them as soon as the page has drawn again.
      if (view.focusRow >= 0 && !model.isInside(row, view.focusRow)) onView({ focusRow: -1 }, { replace: true });
      return false;
    }
    if (codes.length === 0) return true;
    if (codes.length > MAX_REVEALED) {
      onView({ fold: 'none', open: [] }, { replace: true });
      return false;
    }
    const open = new Set(view.open);
    for (const code of codes) {
      const key = code >= 0 ? model.spanKey(code) : groupKey(model, shown.plan.groups, ~code);
      if (!open.delete(key)) open.add(key);
    }
    onView({ open: [...open] }, { replace: true });
    return false;
  };
  const goTo = (row: number) => {
    if (row < 0) return;
    const context = now();
    context.pending = row;
    context.setCursor(row, true);
    context.onSelect(row);
    settle();
  };
  /** Shows the row that waits to be shown, if it can be by now. */
  const settle = () => {
    const context = now();
    const row = context.pending;
    if (row < 0) return;
    if (!reveal(row)) return;
    context.pending = -1;
    showEntry(context.shown.rows.entryOf[row]!, true);
  };
  /** Moves the window so that this time is in it. */
  const showTime = (start: number, end: number) => {
    const { live } = now();
    const { fromNanos, toNanos } = live.current;
    if (end <= fromNanos || start >= toNanos) live.scrub(panBy(live.current, (start + end) / 2 - (fromNanos + toNanos) / 2, live.all));
  };
  const zoom = (factor: number) => {
    const { live, pointerNanos, model } = now();
    const { fromNanos, toNanos } = live.current;
    const row = cursorRow();
    const middle = row >= 0 ? model.start[row]! + model.duration[row]! / 2 : -Infinity;
    const pivot = pointerNanos ?? (middle >= fromNanos && middle <= toNanos ? middle : (fromNanos + toNanos) / 2);
    live.scrub(zoomAt(live.current, pivot, factor, live.all));
  };

  return {
    entryOf,
    cursorEntry,
    moveTo,
    toggle,
    goTo,
    settle,
    showEntry,
    zoom,
    moveBy: (by: number, isRepeat: boolean) => moveTo(moveEntry(now().shown.rows, cursorEntry(), by), isRepeat),
    page: (direction: 1 | -1, isRepeat: boolean) => {
      const frame = now().frame();
      moveTo(moveEntry(now().shown.rows, cursorEntry(), direction * Math.max(1, Math.floor(frame.height / frame.rowHeight) - 2)), isRepeat);
    },
    first: () => moveTo(0),
    last: () => moveTo(now().shown.rows.count - 1),
    /** Opens, or goes to the first child. */
    right: () => {
      const { rows } = now().shown;
      const entry = cursorEntry();
      if (entry < 0) return moveTo(0);
      if (rows.opening[entry] === OPENING.closed) toggle(rows.code[entry]!);
      else if (rows.opening[entry] === OPENING.open) moveTo(entry + 1);
    },
    /** Closes, or goes to the parent. */
    left: () => {
      const { rows } = now().shown;
      const entry = cursorEntry();
      if (entry < 0) return moveTo(0);
      if (rows.opening[entry] === OPENING.open && !now().view.only) toggle(rows.code[entry]!);
      else moveTo(rows.parent[entry]!);
    },
    enter: () => {
      const { rows } = now().shown;
      const entry = cursorEntry();
      if (entry < 0) return;
      const code = rows.code[entry]!;
      if (code < 0) toggle(code);
      else now().onSelect(code, { open: true });
    },
    fold: (to: WaterfallView['fold']) => now().onView({ fold: to, open: [] }, { replace: false }),
    level: (by: 1 | -1) => {
      const { view, shown, model, onView } = now();
      const deepest = model.depth.reduce((most, depth) => Math.max(most, depth), 0);
      const depth = Math.max(0, (typeof view.fold === 'number' ? view.fold : Math.min(deepest, openDepth(shown.rows))) + by);
      onView({ fold: depth >= deepest ? 'none' : depth, open: [] }, { replace: false });
    },
    focusSubtree: () => {
      const { view, onView } = now();
      const row = cursorRow();
      onView({ focusRow: row < 0 || view.focusRow === row ? -1 : row }, { replace: false });
    },
    pan: (share: number) => {
      const { live } = now();
      live.scrub(panBy(live.current, share * (live.current.toNanos - live.current.fromNanos), live.all));
    },
    resetZoom: () => now().live.jump(null),
    zoomToSpan: (code = now().cursor === -1 ? now().selected : now().cursor) => {
      if (code === -1) return;
      const { live, shown } = now();
      live.jump(windowAround(...shown.facts.span(code), live.all));
    },
    error: (direction: 1 | -1) => goTo(nextError(now().model, cursorRow(), direction)),
    match: (direction: 1 | -1) => {
      const { matches } = now();
      if (matches) goTo(nextMatch(matches, cursorRow(), direction));
    },
    bottleneck: () => goTo(bottleneck(now().model)),
    segment: (direction: 1 | -1) => {
      const { model, segment } = now();
      const next = nextSegment(model, cursorRow(), segment, direction);
      if (next < 0) return;
      goTo(model.pathRow[next]!);
      now().segment = next;
      showTime(model.pathStart[next]!, model.pathEnd[next]!);
    },
  };
}
