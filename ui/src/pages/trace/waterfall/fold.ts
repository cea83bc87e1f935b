// What a waterfall folds at first: likes into one row, and of big traces what does not matter. Nothing that decides the trace is hidden.
import type { TraceModel } from '../model';
import type { Fold } from '../traceUrl';
import { countRows } from './rows';

export const GROUP_KINDS = { top: 0, likes: 1, small: 2, missingParent: 3, missingParents: 4 } as const;

/** Siblings shown as one row. Members are codes: a row, or ~group for a group within. Group 0 holds the rows at the top. */
export interface Groups {
  count: number;
  kind: number[];
  /** Row of the parent, −1 at the top. */
  parent: number[];
  /** Members of group g stand at [from[g], from[g + 1]). */
  from: number[];
  members: number[];
  /** What a group of orphans misses, '' for other groups. */
  missing: string[];
}

export interface FoldPlan {
  groups: Groups;
  /** Of each row: the run it is the first member of, −1 for none. Null when nothing is gathered. */
  runAt: Int32Array | null;
  /** 1 where a row's subtree is folded away. */
  folded: Uint8Array;
}

/** At most this many rows are shown at first, unless the critical path alone is longer. */
export const INITIAL_ROWS = 500;
/** So many siblings make a run. */
export const RUN_LENGTH = 5;
/** A subtree below this share of the trace's time may be folded. */
export const SMALL_SHARE = 0.005;
/** A span with this share of the critical path is never gathered with others. */
export const HEAVY_SHARE = 0.05;
/** More missing parents than this share one row. */
export const MISSING_PARENTS = 20;

/** How far one attempt to get below INITIAL_ROWS goes; they are tried in order. */
interface Attempt {
  /** Subtrees shorter than this share are folded; 0 folds none. */
  share: number;
  /** Gather small siblings that are not alike. */
  gather: boolean;
  /** Errors and light pieces of the critical path may be folded too; the row that folds them shows both. */
  anything: boolean;
}

const ATTEMPTS: readonly Attempt[] = [
  { share: 0, gather: false, anything: false },
  { share: SMALL_SHARE, gather: false, anything: false },
  { share: SMALL_SHARE, gather: true, anything: false },
  ...[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.1].map((share) => ({ share, gather: true, anything: false })),
  ...[1e-5, 1e-4, 5e-4, 0.002, SMALL_SHARE, 0.02, 0.1, 0.5, 1.1].map((share) => ({ share, gather: true, anything: true })),
];

export function planFolds(model: TraceModel, fold: Fold): FoldPlan {
  if (fold !== 'auto') {
    const folded = new Uint8Array(model.count);
    if (fold !== 'none') for (let row = 0; row < model.count; row++) folded[row] = model.depth[row]! >= fold && model.hasChildren(row) ? 1 : 0;
    return { groups: topGroups(model), runAt: null, folded };
  }
  const weights = weigh(model);
  const tops = topGroups(model);
  let best: FoldPlan | null = null;
  let bestRows = Infinity;
  for (const attempt of ATTEMPTS) {
    const plan = attemptFolds(model, weights, tops, attempt);
    // More rows than the best has need not be counted.
    const rows = countRows(model, plan, bestRows);
    if (rows < bestRows) [best, bestRows] = [plan, rows];
    if (rows <= INITIAL_ROWS) break;
  }
  return best!;
}

/** What subtrees carry. */
interface Weights {
  /** Time on the critical path of the whole subtree. */
  critical: Float64Array;
  isOnPath: Uint8Array;
  hasError: Uint8Array;
  traceTime: number;
  pathTime: number;
}

function weigh(model: TraceModel): Weights {
  const critical = Float64Array.from(model.critical);
  const isOnPath = new Uint8Array(model.count);
  const hasError = new Uint8Array(model.count);
  let pathTime = 0;
  for (let i = 0; i < model.pathRow.length; i++) {
    if (model.pathRow[i]! >= 0) isOnPath[model.pathRow[i]!] = 1;
    pathTime += model.pathEnd[i]! - model.pathStart[i]!;
  }
  // Children stand after their parents.
  for (let row = model.count - 1; row >= 0; row--) {
    if (model.isError(row)) hasError[row] = 1;
    const parent = model.parent[row]!;
    if (parent < 0) continue;
    critical[parent]! += critical[row]!;
    isOnPath[parent]! |= isOnPath[row]!;
    hasError[parent]! |= hasError[row]!;
  }
  return { critical, isOnPath, hasError, traceTime: model.length, pathTime };
}

function attemptFolds(model: TraceModel, weights: Weights, tops: Groups, attempt: Attempt): FoldPlan {
  const { critical, isOnPath, hasError, traceTime, pathTime } = weights;
  const limit = attempt.share * Math.max(1, traceTime);
  const heavy = HEAVY_SHARE * Math.max(1, pathTime);
  const light = Math.min(attempt.share, HEAVY_SHARE) * Math.max(1, pathTime);
  const isHeavy = (row: number) => critical[row]! >= heavy;
  const isSmall = (row: number) =>
    model.duration[row]! < limit && (attempt.anything ? critical[row]! < light || isOnPath[row] === 0 : isOnPath[row] === 0 && hasError[row] === 0);
  const folded = new Uint8Array(model.count);
  if (attempt.share > 0) for (let row = 0; row < model.count; row++) folded[row] = model.hasChildren(row) && isSmall(row) ? 1 : 0;

  const groups = copyOf(tops);
  const runAt = new Int32Array(model.count).fill(-1);
  const addRun = (kind: number, parent: number, rows: readonly number[], from: number, to: number) => {
    const group = addGroup(groups, kind, parent, '');
    for (let i = from; i < to; i++) groups.members.push(rows[i]!);
    closeGroup(groups);
    runAt[rows[from]!] = group;
  };
  const siblings: number[] = [];
  const runsOf = (parent: number) => {
    let loose = 0;
    const endLoose = (at: number) => {
      if (at - loose >= RUN_LENGTH) addRun(GROUP_KINDS.small, parent, siblings, loose, at);
    };
    for (let i = 0; i < siblings.length;) {
      const alike = likesFrom(model, siblings, i, isHeavy);
      if (alike - i >= RUN_LENGTH) {
        endLoose(i);
        addRun(GROUP_KINDS.likes, parent, siblings, i, alike);
        i = loose = alike;
        continue;
      }
      // What is not alike enough may still be small enough.
      for (const end = Math.max(alike, i + 1); i < end; i++) {
        if (attempt.gather && isSmall(siblings[i]!)) continue;
        endLoose(i);
        loose = i + 1;
      }
    }
    endLoose(siblings.length);
  };

  const listed = groups.count;
  for (let group = 0; group < listed; group++) {
    siblings.length = 0;
    for (let i = groups.from[group]!; i < groups.from[group + 1]!; i++) {
      // A group within the group parts what stands beside it.
      if (groups.members[i]! >= 0) siblings.push(groups.members[i]!);
      else if (siblings.length > 0) {
        runsOf(-1);
        siblings.length = 0;
      }
    }
    runsOf(-1);
  }
  for (let row = 0; row < model.count; row++) {
    if (!model.hasChildren(row)) continue;
    siblings.length = 0;
    for (let child = row + 1; child < model.subtreeEnd[row]!; child = model.subtreeEnd[child]!) siblings.push(child);
    if (siblings.length >= RUN_LENGTH) runsOf(row);
  }
  return { groups, runAt, folded };
}

/** The end of the siblings from `at` on with the same service and name; a heavy one is like no other. */
function likesFrom(model: TraceModel, siblings: readonly number[], at: number, isHeavy: (row: number) => boolean): number {
  const first = siblings[at]!;
  if (isHeavy(first)) return at;
  let end = at + 1;
  while (end < siblings.length && model.service[siblings[end]!] === model.service[first] && model.name[siblings[end]!] === model.name[first] && !isHeavy(siblings[end]!)) end++;
  return end;
}

/** The rows at the top, orphans under what they miss. */
function topGroups(model: TraceModel): Groups {
  const groups: Groups = { count: 0, kind: [], parent: [], from: [0], members: [], missing: [] };
  const missingOf = new Map<number, string>();
  const orphansOf = new Map<string, number[]>();
  for (const { row, parentSpanId } of model.layout.missingParents) {
    missingOf.set(row, parentSpanId);
    const orphans = orphansOf.get(parentSpanId);
    if (orphans) orphans.push(row);
    else orphansOf.set(parentSpanId, [row]);
  }
  const isShared = orphansOf.size > MISSING_PARENTS;
  const tops: number[] = [];
  const listed = new Map<string, number>();
  for (let row = 0; row < model.count; row = model.subtreeEnd[row]!) {
    const missing = missingOf.get(row);
    if (missing === undefined) {
      tops.push(row);
      continue;
    }
    const key = isShared ? '' : missing;
    if (listed.has(key)) continue;
    listed.set(key, 1 + listed.size);
    tops.push(~listed.get(key)!);
  }
  addGroup(groups, GROUP_KINDS.top, -1, '');
  for (const code of tops) groups.members.push(code);
  closeGroup(groups);
  for (const key of listed.keys()) {
    addGroup(groups, isShared ? GROUP_KINDS.missingParents : GROUP_KINDS.missingParent, -1, key);
    for (const row of isShared ? missingOf.keys() : orphansOf.get(key)!) groups.members.push(row);
    closeGroup(groups);
  }
  return groups;
}

function copyOf({ count, kind, parent, from, members, missing }: Groups): Groups {
  return { count, kind: kind.slice(), parent: parent.slice(), from: from.slice(), members: members.slice(), missing: missing.slice() };
}

function addGroup(groups: Groups, kind: number, parent: number, missing: string): number {
  groups.kind.push(kind);
  groups.parent.push(parent);
  groups.missing.push(missing);
  return groups.count++;
}

function closeGroup(groups: Groups): void {
  groups.from.push(groups.members.length);
}

/** The key of a group in addresses; a row's key has no letter beyond f in front. */
export function groupKey(model: TraceModel, groups: Groups, group: number): string {
  if (groups.kind[group] === GROUP_KINDS.missingParent) return `m${groups.missing[group]}`;
  if (groups.kind[group] === GROUP_KINDS.missingParents) return 'many';
  return `g${model.spanKey(groups.members[groups.from[group]!]!)}`;
}

/** Codes of what the keys of an address toggle; keys that mean nothing here are passed over. */
export function toggledCodes(model: TraceModel, plan: FoldPlan, keys: readonly string[]): Set<number> {
  const codes = new Set<number>();
  for (const key of keys) {
    if (key.startsWith('g')) {
      const group = plan.runAt?.[model.rowOfKey(key.slice(1))] ?? -1;
      if (group >= 0) codes.add(~group);
    } else if (key === 'many' || key.startsWith('m')) {
      const { kind, missing } = plan.groups;
      const group = kind.findIndex((k, g) => (key === 'many' ? k === GROUP_KINDS.missingParents : k === GROUP_KINDS.missingParent && missing[g] === key.slice(1)));
      if (group >= 0) codes.add(~group);
    } else {
      const row = model.rowOfKey(key);
      if (row >= 0) codes.add(row);
    }
  }
  return codes;
}

/** Whether a row or group is open before anyone touched it. */
export function isOpenAtFirst(plan: FoldPlan, code: number): boolean {
  return code >= 0 ? plan.folded[code] === 0 : plan.groups.kind[~code]! >= GROUP_KINDS.missingParent;
}
