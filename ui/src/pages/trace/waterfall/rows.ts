// Which rows a waterfall shows, as typed arrays: an entry is a span's row or, as ~group, several siblings in one. Rebuilt on every fold.
import type { Matches, TraceModel } from '../model';
import { isOpenAtFirst, type FoldPlan } from './fold';

/** What may be opened and closed. */
export const OPENING = { none: 0, closed: 1, open: 2 } as const;

export interface Rows {
  count: number;
  /** Row of a span, or ~group. */
  code: Int32Array;
  /** Level, from 0 at the top of what is shown. */
  depth: Int32Array;
  /** Entry above, −1 at the top. */
  parent: Int32Array;
  opening: Uint8Array;
  /** Of every row of the trace: the entry that shows it or folds it away; −1 when it is left out. */
  entryOf: Int32Array;
  /** Spans with an entry of their own. */
  shownSpans: number;
}

export interface RowsWanted {
  /** Codes that are the other way round than the plan has them. */
  toggled: ReadonlySet<number>;
  /** Show this row's subtree alone; −1 for everything. */
  focusRow: number;
  /** Show only these and what leads to them. */
  only: Matches | null;
  /** A row shown besides these: the selected one, which must not vanish; −1 for none. */
  also: number;
}

/** Returns the entry it made, or STOP. */
type Emit = (code: number, depth: number, parent: number, opening: number) => number;
const STOP = -1;

const NOTHING: RowsWanted = { toggled: new Set(), focusRow: -1, only: null, also: -1 };

/** How many rows a plan shows before anyone touches it; not counted further than `enough`. */
export function countRows(model: TraceModel, plan: FoldPlan, enough = Infinity): number {
  let count = 0;
  walk(model, plan, NOTHING, null, () => (count < enough ? count++ : STOP));
  return count;
}

export function buildRows(model: TraceModel, plan: FoldPlan, wanted: RowsWanted = NOTHING): Rows {
  const most = model.count + plan.groups.count;
  const code = new Int32Array(most);
  const depth = new Int32Array(most);
  const parent = new Int32Array(most);
  const opening = new Uint8Array(most);
  const keep = wanted.only ? keptRows(model, wanted.only, wanted.also) : null;
  const entryOf = new Int32Array(model.count).fill(-1);
  let count = 0;
  let shownSpans = 0;
  walk(model, plan, wanted, keep, (what, level, above, state) => {
    code[count] = what;
    depth[count] = level;
    parent[count] = above;
    opening[count] = state;
    if (what >= 0) {
      shownSpans++;
      entryOf[what] = count;
      if (state === OPENING.closed) entryOf.fill(count, what, model.subtreeEnd[what]);
    } else if (state === OPENING.closed) {
      const { from, members } = plan.groups;
      for (let i = from[~what]!; i < from[~what + 1]!; i++) entryOf.fill(count, members[i], model.subtreeEnd[members[i]!]);
    }
    return count++;
  });
  return {
    count, shownSpans, entryOf,
    code: code.subarray(0, count), depth: depth.subarray(0, count), parent: parent.subarray(0, count), opening: opening.subarray(0, count),
  };
}

/** Matches, one more row, and everything above them. */
function keptRows(model: TraceModel, matches: Matches, also: number): Uint8Array {
  const keep = new Uint8Array(model.count);
  for (let row = 0; row < model.count; row++) {
    if (matches[row] !== 1 && row !== also) continue;
    for (let at = row; at >= 0 && keep[at] === 0; at = model.parent[at]!) keep[at] = 1;
  }
  return keep;
}

/** Iterative: traces are deeper than the call stack. */
function walk(model: TraceModel, plan: FoldPlan, wanted: RowsWanted, keep: Uint8Array | null, emit: Emit): void {
  const { subtreeEnd } = model;
  const { from, members } = plan.groups;
  const runAt = keep ? null : plan.runAt;
  // One frame per open list of siblings: rows in pre-order, or a group's members.
  const next: number[] = [];
  const end: number[] = [];
  const list: number[] = [];
  const level: number[] = [];
  const above: number[] = [];
  const push = (group: number, a: number, b: number, depth: number, entry: number) => {
    list.push(group);
    next.push(a);
    end.push(b);
    level.push(depth);
    above.push(entry);
  };
  if (wanted.focusRow >= 0 && wanted.focusRow < model.count) push(-1, wanted.focusRow, subtreeEnd[wanted.focusRow]!, 0, -1);
  else push(0, from[0]!, from[1]!, 0, -1);

  while (next.length > 0) {
    const top = next.length - 1;
    const at = next[top]!;
    if (at >= end[top]!) {
      next.pop();
      end.pop();
      list.pop();
      level.pop();
      above.pop();
      continue;
    }
    const isList = list[top]! >= 0;
    let code = isList ? members[at]! : at;
    // A run's own members are not gathered again.
    const isRun = isList && plan.groups.kind[list[top]!]! > 0 && plan.groups.kind[list[top]!]! < 3;
    const run = code >= 0 && runAt !== null && !isRun && !(wanted.focusRow === code) ? runAt[code]! : -1;
    if (run >= 0) {
      const size = from[run + 1]! - from[run]!;
      next[top] = isList ? at + size : subtreeEnd[members[from[run + 1]! - 1]!]!;
      code = ~run;
    } else {
      next[top] = isList ? at + 1 : subtreeEnd[at]!;
    }
    if (keep && code >= 0 && keep[code] === 0) continue;
    if (keep && code < 0 && !someKept(keep, members, from[~code]!, from[~code + 1]!)) continue;
    const canOpen = code < 0 || subtreeEnd[code]! > code + 1;
    const isOpen = canOpen && (keep !== null || isOpenAtFirst(plan, code) !== wanted.toggled.has(code));
    const entry = emit(code, level[top]!, above[top]!, canOpen ? (isOpen ? OPENING.open : OPENING.closed) : OPENING.none);
    if (entry === STOP) return;
    if (!isOpen) continue;
    if (code < 0) push(~code, from[~code]!, from[~code + 1]!, level[top]! + 1, entry);
    else push(-1, code + 1, subtreeEnd[code]!, level[top]! + 1, entry);
  }
}

function someKept(keep: Uint8Array, members: readonly number[], from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (keep[members[i]!] === 1) return true;
  return false;
}

/** The critical path's segments by the entry that shows them, each entry's in order of time. */
export interface EntrySegments {
  from: Int32Array;
  segment: Int32Array;
}

export function segmentsOf(model: TraceModel, rows: Rows): EntrySegments {
  const from = new Int32Array(rows.count + 1);
  const entryAt = (i: number) => (model.pathRow[i]! >= 0 ? rows.entryOf[model.pathRow[i]!]! : -1);
  for (let i = 0; i < model.pathRow.length; i++) {
    const entry = entryAt(i);
    if (entry >= 0) from[entry + 1]!++;
  }
  for (let entry = 0; entry < rows.count; entry++) from[entry + 1]! += from[entry]!;
  const segment = new Int32Array(from[rows.count]!);
  const fill = from.slice();
  for (let i = 0; i < model.pathRow.length; i++) {
    const entry = entryAt(i);
    if (entry >= 0) segment[fill[entry]!++] = i;
  }
  return { from, segment };
}

/** Codes that must be opened so that the row has an entry of its own, outermost first; [] when it has, null when it is left out altogether. */
export function toReveal(model: TraceModel, plan: FoldPlan, rows: Rows, wanted: RowsWanted, row: number): number[] | null {
  if (row < 0 || row >= model.count || rows.entryOf[row]! < 0) return null;
  const codes: number[] = [];
  const toggled = new Set(wanted.toggled);
  let shown = rows;
  // Each step opens the entry that hides the row; a chain is at most as long as the row is deep, plus its groups.
  for (let at = hiding(model, shown, row); at !== null; at = hiding(model, shown, row)) {
    codes.push(at);
    for (const code of codesAbove(model, plan, row, at)) if (isOpenAtFirst(plan, code) === toggled.has(code)) codes.push(code);
    for (const code of codes) if (isOpenAtFirst(plan, code) === toggled.has(code)) flip(toggled, code);
    shown = buildRows(model, plan, { ...wanted, toggled });
  }
  return [...new Set(codes)];
}

/** Rows between the hiding entry and the row. */
function codesAbove(model: TraceModel, plan: FoldPlan, row: number, hider: number): number[] {
  const codes: number[] = [];
  for (let at = model.parent[row]!; at >= 0 && at !== hider; at = model.parent[at]!) if (plan.folded[at] === 1) codes.push(at);
  return codes.reverse();
}

function hiding(model: TraceModel, rows: Rows, row: number): number | null {
  const entry = rows.entryOf[row]!;
  if (entry < 0 || rows.code[entry] === row || row >= model.count) return null;
  return rows.code[entry]!;
}

function flip(set: Set<number>, code: number): void {
  if (!set.delete(code)) set.add(code);
}
