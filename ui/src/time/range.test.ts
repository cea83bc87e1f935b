// The range's arithmetic, at a fixed now.
import { describe, expect, it } from 'vitest';
import { ALL_TIME, pinRange, PRESETS, printLength, rangeLabel, resolvePoint, resolveRange, shiftRange, zoomOut } from './range';
import { shareUrl } from './share';

const NOW = Date.UTC(2026, 10, 22, 11, 15, 3, 412);
const HOUR = 3_600_000;
const last = (from: string) => ({ from, to: 'now' });

describe('a range', () => {
  it('resolves against the clock', () => expect(resolveRange(last('now-1h'), NOW)).toEqual({ fromMillis: NOW - HOUR, toMillis: null }));
  it('has no bounds for all time', () => expect(resolveRange(ALL_TIME, NOW)).toEqual({ fromMillis: null, toMillis: null }));
  it('resolves every preset', () => {
    for (const preset of PRESETS) if (preset.from !== 'all') expect(resolvePoint(preset.from, NOW)).toBeLessThan(NOW);
  });
  it('refuses what is no point', () => expect(['', 'now-', 'now-5x', 'later', '1e9', '-5'].map((text) => resolvePoint(text, NOW))).toEqual([null, null, null, null, null, null]));
  it('is pinned at what it means now', () => expect(pinRange(last('now-1h'), NOW)).toEqual({ from: String(NOW - HOUR), to: String(NOW) }));
  it('moves back by its length', () => expect(shiftRange(last('now-1h'), -1, NOW)).toEqual({ from: String(NOW - 2 * HOUR), to: String(NOW - HOUR) }));
  it('does not move beyond now', () => {
    expect(shiftRange(last('now-1h'), 1, NOW)).toBeNull();
    expect(shiftRange({ from: String(NOW - 1.5 * HOUR), to: String(NOW - 0.5 * HOUR) }, 1, NOW)).toEqual({ from: String(NOW - HOUR), to: String(NOW) });
  });
  it('comes back to where it was', () => {
    const start = { from: String(NOW - 5 * HOUR), to: String(NOW - 4 * HOUR) };
    expect(shiftRange(shiftRange(start, -1, NOW)!, 1, NOW)).toEqual(start);
  });
  it('cannot move or widen when open', () => expect([shiftRange(ALL_TIME, -1, NOW), zoomOut(ALL_TIME, NOW)]).toEqual([null, null]));
  it('widens and keeps following the clock', () => expect(zoomOut(last('now-15m'), NOW)).toEqual(last('now-30m')));
  it('widens around its middle', () => expect(zoomOut({ from: String(NOW - 4 * HOUR), to: String(NOW - 2 * HOUR) }, NOW)).toEqual({ from: String(NOW - 5 * HOUR), to: String(NOW - HOUR) }));
  it('widens into the past where now is in the way', () => expect(zoomOut({ from: String(NOW - 2 * HOUR), to: String(NOW) }, NOW)).toEqual({ from: String(NOW - 4 * HOUR), to: String(NOW) }));
  it('prints lengths that resolve to themselves', () => {
    for (const seconds of [1, 59, 60, 90, 3_600, 5_400, 86_400, 172_800, 259_200, 604_800, 12_345]) {
      expect(NOW - resolvePoint(`now-${printLength(seconds * 1000)}`, NOW)!).toBe(seconds * 1000);
    }
  });
  it('has words', () => {
    expect(rangeLabel(last('now-1h'))).toBe('Last hour');
    expect(rangeLabel(last('now-90m'))).toBe('Last 90 minutes');
    expect(rangeLabel(ALL_TIME)).toBe('All time');
    expect(rangeLabel({ from: String(Date.UTC(2026, 10, 22, 11, 15)), to: String(Date.UTC(2026, 10, 22, 12, 15)) }, true)).toBe('2026-11-22 11:15 – 12:15');
    expect(rangeLabel({ from: String(Date.UTC(2026, 10, 21, 23)), to: String(Date.UTC(2026, 10, 22, 1)) }, true)).toBe('2026-11-21 23:00 – 2026-11-22 01:00');
  });
});

describe('a shared link', () => {
  const page = 'https://waymark.example/base/explore';
  it('fixes a range in the address', () => {
    const { url, isPinned } = shareUrl(`${page}?service=shop&from=now-15m`, null, NOW);
    const query = new URL(url).searchParams;
    expect([isPinned, query.get('service'), query.get('from'), query.get('to')]).toEqual([true, 'shop', String(NOW - 900_000), String(NOW)]);
  });
  it('fixes the range that the page has by default', () => expect(new URL(shareUrl(page, last('now-1h'), NOW).url).searchParams.get('from')).toBe(String(NOW - HOUR)));
  it('leaves fixed and absent ranges alone', () => {
    for (const url of [`${page}?from=1&to=2`, `https://waymark.example/trace/ab`]) expect(shareUrl(url, null, NOW)).toEqual({ url, isPinned: false });
    expect(shareUrl(page, ALL_TIME, NOW).isPinned).toBe(false);
  });
  it('is the same when shared again', () => {
    const once = shareUrl(`${page}?from=now-15m`, null, NOW).url;
    expect(shareUrl(once, null, NOW + HOUR).url).toBe(once);
  });
});
