// When a trace that may still grow is asked for again. Pure: times come from outside.
import type { TraceLayout } from '../../api/types';
import { toMillis } from '../../format/time';

/** A trace first received this recently may still grow. */
export const YOUNG_MS = 60_000;
/** Without a new span for this long it counts as done. */
export const QUIET_MS = 30_000;
const INTERVAL_MS = 2_500;
/** Loading takes at most this share of the time. */
const LOAD_SHARE = 0.1;

export interface Growth {
  /** Spans when the page was opened. */
  firstCount: number;
  count: number;
  /** When it last changed, or was opened, by the page's own clock; null when it was old by then. */
  changedAt: number | null;
}

/** @param serverNow the server's clock, null when it did not say: better to ask in vain than to miss spans. */
export function beginGrowth(layout: TraceLayout, serverNow: number | null, now: number): Growth {
  const isYoung = serverNow === null || serverNow - toMillis(layout.firstReceivedUnixNanos) < YOUNG_MS;
  return { firstCount: layout.spanCount, count: layout.spanCount, changedAt: isYoung ? now : null };
}

export function continueGrowth(growth: Growth, layout: TraceLayout, now: number): Growth {
  return layout.spanCount === growth.count ? growth : { ...growth, count: layout.spanCount, changedAt: now };
}

/** Milliseconds until the trace is asked for again; null when it is done. Traces that take long to load are asked for less often. */
export function nextRefetch(growth: Growth, now: number, loadMillis: number): number | null {
  if (growth.changedAt === null || now - growth.changedAt >= QUIET_MS) return null;
  return Math.max(INTERVAL_MS, loadMillis / LOAD_SHARE);
}

/** Whether two answers about the same trace say the same: then the old one stays, and nothing is drawn anew. */
export function isSameTrace(a: TraceLayout, b: TraceLayout): boolean {
  return a.spanCount === b.spanCount && a.duplicateCount === b.duplicateCount && a.isPartial === b.isPartial && a.baseUnixNanos === b.baseUnixNanos;
}
