// Pixels and time, hits and sticky rows, jumps, coverage, the minimap's picture, and cutting text.
import { describe, expect, it } from 'vitest';
import { layoutOf, MONSTERS, shopSpans } from '../../../testing/fakeTraces';
import { TraceModel } from '../model';
import { mergedBars, uncovered, within } from './coverage';
import { planFolds } from './fold';
import { AXIS_HEIGHT, hitTest, indentOf, MAX_STICKY, mostSticky, scaleOf, scrollToShow, stickyEntries, type Frame } from './geometry';
import { LiveWindow } from './liveWindow';
import { pixelOf, rasterise } from './minimapRaster';
import { bottleneck, moveEntry, nextError, nextSegment, nextWhere } from './navigation';
import { buildRows } from './rows';
import { clampWindow, MIN_WINDOW_NANOS, panBy, timeAxis, toNanos, toPixel, wholeWindow, windowAround, zoomAt } from './scale';
import { TextCache } from './text';

const frame: Frame = { width: 1000, height: 24 * 11, nameWidth: 300, rowHeight: 24, scrollTop: 0 };
const made = new Map<string, TraceModel>();
/** Monsters take a while to make; nothing changes them. */
const modelOf = (name: string) => {
  if (!made.has(name)) made.set(name, new TraceModel(layoutOf(MONSTERS[name]!())));
  return made.get(name)!;
};
// Before any test's time runs.
for (const name of ['wide', 'deep', 'orphans']) modelOf(name);
const DAY = 86_400e9;

describe('time and pixels', () => {
  it('come back to where they were, to the nanosecond, in a trace of three days', () => {
    const whole = wholeWindow(0, 3 * DAY);
    let now = whole;
    const pivot = 2 * DAY + 123_456_789;
    for (let i = 0; i < 60; i++) now = zoomAt(now, pivot, 0.5, whole) ?? whole;
    expect(now.toNanos - now.fromNanos).toBe(MIN_WINDOW_NANOS);
    expect(now.fromNanos).toBeLessThanOrEqual(pivot);
    expect(now.toNanos).toBeGreaterThanOrEqual(pivot);
    const scale = scaleOf(frame, now.fromNanos, now.toNanos);
    for (let nanos = now.fromNanos; nanos <= now.toNanos; nanos++) expect(Math.round(toNanos(scale, toPixel(scale, nanos)))).toBe(nanos);
  });

  it('never leave the canvas by far', () => {
    const scale = scaleOf(frame, 2 * DAY, 2 * DAY + 20);
    expect(toPixel(scale, 0)).toBeGreaterThan(scale.left - 100);
    expect(toPixel(scale, 3 * DAY)).toBeLessThan(frame.width);
  });

  it('keep the window inside the trace and the pivot in place', () => {
    const whole = wholeWindow(-500, 10_000);
    for (let i = 0; i < 400; i++) {
      const from = -800 + ((i * 7919) % 11_000);
      const wanted = clampWindow({ fromNanos: from, toNanos: from + ((i * 31) % 9_000) }, whole);
      if (wanted === null) continue;
      expect(wanted.fromNanos).toBeGreaterThanOrEqual(-500);
      expect(wanted.toNanos).toBeLessThanOrEqual(10_000);
      expect(wanted.toNanos - wanted.fromNanos).toBeGreaterThanOrEqual(MIN_WINDOW_NANOS);
      const panned = panBy(wanted, 12_345, whole)!;
      expect(panned.toNanos).toBe(10_000);
      expect(panned.toNanos - panned.fromNanos).toBe(wanted.toNanos - wanted.fromNanos);
    }
    expect(zoomAt(whole, 0, 2, whole)).toBeNull();
    expect(windowAround(100, 200, whole)).toEqual({ fromNanos: 95, toNanos: 205 });
  });

  it('give a trace of no length a place', () => {
    const whole = wholeWindow(5, 5);
    expect(toPixel(scaleOf(frame, whole.fromNanos, whole.toNanos), 5)).toBe(308);
  });

  it('label ticks from an anchor when the window is far from the start', () => {
    const near = timeAxis(scaleOf(frame, 0, 2e9), 0);
    expect(near.anchor).toBeNull();
    const far = timeAxis(scaleOf(frame, 2 * DAY, 2 * DAY + 100), 0);
    expect(far.anchor).toBe('+2d 0h');
    expect(far.ticks[0]!.label.replaceAll('\u202f', ' ')).toBe('+20 ns');
  });

  it('are committed once, when a gesture rests', async () => {
    const sent: unknown[] = [];
    const live = new LiveWindow({ fromNanos: 0, toNanos: 100 }, { fromNanos: 0, toNanos: 100 }, (zoom, replace) => sent.push([zoom, replace]));
    live.scrub({ fromNanos: 0, toNanos: 50 });
    live.scrub({ fromNanos: 10, toNanos: 40 });
    live.adopt(null, { fromNanos: 0, toNanos: 100 });
    expect(live.current).toEqual({ fromNanos: 10, toNanos: 40 });
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(sent).toEqual([[{ fromNanos: 10, toNanos: 40 }, true]]);
  });
});

describe('places', () => {
  const deep = modelOf('deep');
  const rows = buildRows(deep, planFolds(deep, 'none'));

  it('stop indenting before names run out of room', () => {
    expect(indentOf(3, 600)).toEqual({ x: 42, deeper: 0 });
    expect(indentOf(31, 900)).toEqual({ x: 6 + 24 * 12, deeper: 7 });
    expect(indentOf(31, 200).x).toBeLessThan(120);
  });

  it('keep the nearest ancestors at the top', () => {
    const tall = { ...frame, height: 24 * 40 };
    expect(stickyEntries(rows, tall)).toEqual([]);
    // A chain: nothing between the rows that stick and the first below them is lost, wherever one has scrolled to.
    for (const [scrollTop, first] of [[2400, 100], [2401, 100], [2412, 100], [2423, 101]] as const) {
      expect(stickyEntries(rows, { ...tall, scrollTop })).toEqual([0, 1, 2, 3, 4].map((i) => first + i));
    }
  });

  it('leave most of a low window to the rows that scroll', () => {
    expect(mostSticky({ ...frame, height: 24 * 40 })).toBe(MAX_STICKY);
    expect(mostSticky(frame)).toBe(3);
    expect(mostSticky({ ...frame, height: AXIS_HEIGHT + 48 })).toBe(1);
    expect(stickyEntries(rows, { ...frame, scrollTop: 2400 })).toEqual([100, 101, 102]);
  });

  it('are hit where they are drawn', () => {
    expect(hitTest(rows, frame, [], 400, AXIS_HEIGHT + 24 * 3 + 5)).toMatchObject({ part: 'time', entry: 3 });
    expect(hitTest(rows, frame, [], 15, AXIS_HEIGHT + 5)).toMatchObject({ part: 'toggle', entry: 0 });
    expect(hitTest(rows, frame, [], 200, AXIS_HEIGHT + 5)).toMatchObject({ part: 'name', entry: 0 });
    expect(hitTest(rows, frame, [], 301, 100).part).toBe('divider');
    expect(hitTest(rows, frame, [], 600, 5).part).toBe('axis');
    expect(hitTest(rows, { ...frame, scrollTop: 2400 }, [97, 98], 600, AXIS_HEIGHT + 30)).toMatchObject({ entry: 98, isSticky: true });
  });

  it('scroll no more than needed', () => {
    expect(scrollToShow(frame, 3, 0)).toBe(0);
    expect(scrollToShow(frame, 10, 0)).toBe(24);
    expect(scrollToShow({ ...frame, scrollTop: 480 }, 20, 2)).toBe(24 * 18);
  });
});

describe('jumps', () => {
  const shop = new TraceModel(layoutOf(shopSpans()));
  it('go round', () => {
    expect(nextWhere(5, 4, 1, (row) => row === 1)).toBe(1);
    expect(nextWhere(5, -1, -1, (row) => row >= 3)).toBe(4);
    expect(nextWhere(5, 2, 1, () => false)).toBe(-1);
    expect(shop.spanName(nextError(shop, -1, 1))).toBe('POST /charge');
  });
  it('walk the critical path forth and back through every segment', () => {
    let [at, row] = [-1, -1];
    const seen: number[] = [];
    for (let i = 0; i < shop.pathRow.length; i++) {
      at = nextSegment(shop, row, at, 1);
      row = shop.pathRow[at]!;
      seen.push(at);
    }
    expect(seen).toEqual(Array.from(shop.pathRow, (_, i) => i));
    expect(nextSegment(shop, row, at, 1)).toBe(0);
    expect(nextSegment(shop, row, at, -1)).toBe(at - 1);
  });
  it('find the bottleneck', () => expect(shop.spanName(bottleneck(shop))).toBe('POST /authorize'));
  it('stay within the rows', () => {
    const rows = buildRows(shop, planFolds(shop, 'none'));
    expect([moveEntry(rows, -1, 1), moveEntry(rows, 0, -1), moveEntry(rows, 5, 1000)]).toEqual([0, 0, shop.count - 1]);
  });
});

describe('bars', () => {
  const shop = new TraceModel(layoutOf(shopSpans()));
  const row = (name: string) => shop.parent.findIndex((_, at) => shop.spanName(at) === name);
  it('merge where no pixel parts them', () => {
    const wide = modelOf('wide');
    const members = Int32Array.from(wide.childrenOf(0));
    expect(mergedBars(wide, members, scaleOf(frame, wide.from, wide.to)).length).toBe(2);
    expect(mergedBars(wide, members, scaleOf(frame, 0, 500_000)).length).toBeGreaterThan(6);
  });
  it('know what no child covers', () => {
    expect([...uncovered(shop, row('Charge payment'))].map((ns) => ns / 1e6)).toEqual([280, 300, 1750, 1760]);
    expect(uncovered(shop, row('POST /authorize')).length).toBe(0);
  });
  it('end in a tail beyond the parent', () => expect(within(shop, row('process confirmation')).map((ns) => ns / 1e6)).toEqual([1900, 1982]));
});

describe('the minimap', () => {
  it('shows every span and above all errors', () => {
    const model = modelOf('orphans');
    const pixels = rasterise(model, 400, 64, { services: new Uint32Array(20).fill(7), error: 9, path: null });
    expect(pixels.length).toBe(400 * 64);
    expect(pixels.filter((pixel) => pixel === 9).length).toBeGreaterThan(300);
    for (let y = 1; y < 64; y++) expect(pixels.subarray(y * 400, y * 400 + 400).some((pixel) => pixel !== 0)).toBe(true);
  });
  it('has the critical path on top, in full colour with its line, however many spans there are', () => {
    for (const name of ['deep', 'wide']) {
      const model = modelOf(name);
      const path = { line: 3, halo: 4, pale: new Uint32Array(20).fill(5) };
      const pixels = rasterise(model, 400, 64, { services: new Uint32Array(20).fill(7), error: 9, path }, 1);
      let full = 0;
      for (let x = 0; x < 400; x++) {
        const column = Array.from({ length: 64 }, (_, y) => pixels[y * 400 + x]!);
        expect(column.filter((pixel) => pixel === 3).length).toBeGreaterThanOrEqual(2);
        if (column.includes(7)) full++;
      }
      // Errors crowded in a corner may cover a few.
      expect(full).toBeGreaterThan(390);
    }
  });
  it('reads colours', () => {
    expect(pixelOf('#010203')).toBe(0xff030201);
    expect(pixelOf('#fff')).toBe(0xffffffff);
    expect(pixelOf('#123')).toBe(pixelOf('#112233'));
    expect(pixelOf('rgb(1, 2, 3)', 0)).toBe(0x00030201);
  });
});

describe('text', () => {
  const cache = new TextCache((text) => text.length * 7);
  it('is cut to its room', () => {
    expect(cache.fit('SELECT stock', '', 84)).toBe('SELECT stock');
    expect(cache.fit('SELECT stock', '', 60)).toBe('SELECT…');
    expect(cache.fit('SELECT stock', '', 7)).toBe('…');
    expect(cache.fit('SELECT stock', '', 3)).toBe('');
  });
});
