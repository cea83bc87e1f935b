// The address as others should get it: a range that moves with the clock is fixed at what it shows now.
import { isRelative, pinRange, type TimeRange } from './range';

let current: TimeRange | null = null;

/** The range the page shows; the picker says so, because an address leaves out what is as by default. */
export function setCurrentRange(range: TimeRange | null): void {
  current = range;
}

export function currentRange(): TimeRange | null {
  return current;
}

/** @param range the range the page shows, if it has one. */
export function shareUrl(href: string, range: TimeRange | null, nowMillis: number): { url: string; isPinned: boolean } {
  const url = new URL(href);
  const from = url.searchParams.get('from') ?? range?.from;
  const to = url.searchParams.get('to') ?? range?.to ?? 'now';
  if (from === undefined || !isRelative({ from, to })) return { url: href, isPinned: false };
  // All time until now means the same for everybody, save for what came since.
  if (from === 'all' && to === 'now') return { url: href, isPinned: false };
  const pinned = pinRange({ from, to }, nowMillis);
  url.searchParams.set('from', pinned.from);
  url.searchParams.set('to', pinned.to);
  return { url: url.href, isPinned: true };
}
