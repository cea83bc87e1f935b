// The list of traces as it grows: older pages at the end, newer traces at the front, and what is on screen stays where it is.
import type { TraceItem, TraceList } from '../../api/types';
import { toMillis } from '../../format/time';

/** A live list beyond this many traces begins anew at its top, where the reader is; what is cut off can be scrolled to again. */
export const MAX_LIVE_TRACES = 500;

/** Every trace once, in the order of the pages. A trace that got an earlier span while paging may come twice; the first stays. */
export function flatten(pages: readonly TraceList[]): TraceItem[] {
  const seen = new Set<string>();
  const traces: TraceItem[] = [];
  for (const page of pages) {
    for (const trace of page.traces) {
      if (seen.has(trace.traceId)) continue;
      seen.add(trace.traceId);
      traces.push(trace);
    }
  }
  return traces;
}

export interface Newest {
  /** In the fresh page, not in the list, and not merely older than what the list has loaded so far. */
  added: TraceItem[];
  /** In both: the fresh page has the later figures. */
  updated: Map<string, TraceItem>;
  /** Nothing of the fresh page is known though the list is not empty: there may be more between them than the page shows. */
  hasGap: boolean;
}

export function compareNewest(pages: readonly TraceList[], fresh: TraceList): Newest {
  const known = new Set(pages.flatMap((page) => page.traces.map((trace) => trace.traceId)));
  const added = reachOf(pages, fresh, known).filter((trace) => !known.has(trace.traceId));
  const updated = new Map(fresh.traces.filter((trace) => known.has(trace.traceId)).map((trace) => [trace.traceId, trace]));
  return { added, updated, hasGap: known.size > 0 && updated.size === 0 && fresh.next !== null };
}

/** As much of the fresh page as the list covers: what follows the last trace they share comes by scrolling, unless the list is whole. */
function reachOf(pages: readonly TraceList[], fresh: TraceList, known: ReadonlySet<string>): TraceItem[] {
  const last = fresh.traces.findLastIndex((trace) => known.has(trace.traceId));
  return pages.at(-1)?.next && last >= 0 ? fresh.traces.slice(0, last + 1) : fresh.traces;
}

/** The pages with newer figures where a trace has grown. Nothing moves. The same pages when nothing differs. */
export function withUpdates(pages: TraceList[], updated: ReadonlyMap<string, TraceItem>): TraceList[] {
  const differs = (trace: TraceItem) => {
    const now = updated.get(trace.traceId);
    return now !== undefined && (now.spanCount !== trace.spanCount || now.durationNanos !== trace.durationNanos || now.errorCount !== trace.errorCount);
  };
  if (!pages.some((page) => page.traces.some(differs))) return pages;
  return pages.map((page) => ({ ...page, traces: page.traces.map((trace) => (differs(trace) ? updated.get(trace.traceId)! : trace)) }));
}

/** The pages with new traces, each at its place. After a gap the list begins anew: a list with a hole in it would be a lie. */
export function withNewest(pages: TraceList[], fresh: TraceList): TraceList[] {
  const { added, updated, hasGap } = compareNewest(pages, fresh);
  if (hasGap || updated.size === 0) return [fresh];
  const [first, ...rest] = withUpdates(pages, updated);
  if (!first || added.length === 0) return first ? [first, ...rest] : [fresh];
  // The fresh page has the order, as far as the list goes; what it no longer shows follows.
  const front = reachOf(pages, fresh, new Set(updated.keys()));
  const inFront = new Set(front.map((trace) => trace.traceId));
  const others = (page: TraceList) => page.traces.filter((trace) => !inFront.has(trace.traceId));
  return [{ ...first, traces: [...front, ...others(first)] }, ...rest.map((page) => ({ ...page, traces: others(page) }))];
}

/**
 * What keeps a list that stands open for hours from growing without end: traces that ended before the range began have left it, and a list
 * that has become too long starts again from the newest page. For a reader at the top only. The same pages when nothing is to be done.
 */
export function withinBounds(pages: TraceList[], fresh: TraceList, fromMillis: number | null): TraceList[] {
  if (pages.reduce((sum, page) => sum + page.traces.length, 0) > MAX_LIVE_TRACES) return [fresh];
  const isFresh = new Set(fresh.traces.map((trace) => trace.traceId));
  const hasLeft = (trace: TraceItem) => fromMillis !== null && !isFresh.has(trace.traceId) && toMillis(trace.endUnixNanos) < fromMillis;
  if (!pages.some((page) => page.traces.some(hasLeft))) return pages;
  return pages.map((page) => ({ ...page, traces: page.traces.filter((trace) => !hasLeft(trace)) }));
}
