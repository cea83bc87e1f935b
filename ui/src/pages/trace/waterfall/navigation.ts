// Where a key leads: the next error, the next piece of the critical path, the parent. Rows are spans, entries are what is shown.
import type { Matches, TraceModel } from '../model';
import type { Rows } from './rows';

/** The next row of these after (direction 1) or before (−1) `from`, going round; −1 when there is none. */
export function nextWhere(count: number, from: number, direction: 1 | -1, is: (row: number) => boolean): number {
  for (let step = 1; step <= count; step++) {
    const start = from < 0 && direction < 0 ? count : from;
    const row = (((start + direction * step) % count) + count) % count;
    if (is(row)) return row;
  }
  return -1;
}

export function nextError(model: TraceModel, from: number, direction: 1 | -1): number {
  return nextWhere(model.count, from, direction, (row) => model.isError(row));
}

export function nextMatch(matches: Matches, from: number, direction: 1 | -1): number {
  return nextWhere(matches.length, from, direction, (row) => matches[row] === 1);
}

/**
 * The segment of the critical path after or before where one stands, going round: after segment `at`, when that is the selected row's, else by the
 * row's start. Segments that no span covers are passed over. −1 when there is none.
 */
export function nextSegment(model: TraceModel, selected: number, at: number, direction: 1 | -1): number {
  const count = model.pathRow.length;
  if (count === 0) return -1;
  let from = at;
  if (from < 0 || model.pathRow[from] !== selected) {
    from = direction > 0 ? -1 : count;
    if (selected >= 0) {
      const own = model.pathRow.indexOf(selected);
      if (own >= 0) from = own;
      else from = segmentAt(model, model.start[selected]!) - (direction > 0 ? 1 : 0);
    }
  }
  for (let step = 1; step <= count; step++) {
    const i = (((from + direction * step) % count) + count) % count;
    if (model.pathRow[i]! >= 0) return i;
  }
  return -1;
}

/** The first segment that ends after this time. */
function segmentAt(model: TraceModel, nanos: number): number {
  let i = 0;
  while (i < model.pathEnd.length && model.pathEnd[i]! <= nanos) i++;
  return i;
}

/** The row with most time on the critical path: what to look at first. −1 when there is no path. */
export function bottleneck(model: TraceModel): number {
  let best = -1;
  for (let row = 0; row < model.count; row++) if (model.critical[row]! > 0 && (best < 0 || model.critical[row]! > model.critical[best]!)) best = row;
  return best;
}

/** The entry `by` further, staying within; the first when nothing is current. */
export function moveEntry(rows: Rows, current: number, by: number): number {
  if (rows.count === 0) return -1;
  if (current < 0) return by > 0 ? 0 : rows.count - 1;
  return Math.min(rows.count - 1, Math.max(0, current + by));
}

/** The depth `fold` shows at present: how deep the deepest open row goes; for one level in or out. */
export function openDepth(rows: Rows): number {
  let deepest = -1;
  for (let entry = 0; entry < rows.count; entry++) if (rows.opening[entry] === 2) deepest = Math.max(deepest, rows.depth[entry]!);
  return deepest + 1;
}
