// The list's state, filters, pages and lines, apart from the document.
import { describe, expect, it } from 'vitest';
import type { TraceList } from '../../api/types';
import { fakeTraceItems } from '../../testing/fakeTraces';
import { apiParameters, DEFAULT_RANGE, exploreUrl, hasFilters, NO_FILTERS, type ExploreState } from './exploreUrl';
import { filtersOf, inWords, labelOf, parseDuration, partsOf, problemOf, replacePart, withoutPart, withPart } from './filters';
import { remedyLabel, remedyOf } from './remedies';
import { durationBar, shortPercent, startText } from './rowParts';
import { compareNewest, flatten, MAX_LIVE_TRACES, withinBounds, withNewest, withUpdates } from './traceList';
import { OVERSCAN, rowWindow, scrollToShow, VIRTUAL_FROM } from './virtualRows';

/** Numbers that look random and are the same in every run. */
function* numbers(seed: number): Generator<number> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe('the address', () => {
  it('gives back every state that was put into it', () => {
    const random = numbers(7);
    const next = () => random.next().value as number;
    const words = ['', 'shop', 'a b', 'POST /checkout?x=1&y=2', 'ключ', '+', '100%', 'a=b=c', '"'];
    const word = () => words[Math.floor(next() * words.length)]!;
    const maybe = () => (next() < 0.5 ? null : word());
    for (let i = 0; i < 500; i++) {
      const state: ExploreState = {
        filters: { service: maybe(), operation: maybe(), status: maybe(), kind: maybe(), minDuration: maybe(), maxDuration: maybe(), attributes: [...new Set(Array.from({ length: Math.floor(next() * 4) }, word))] },
        range: { from: ['now-1h', 'all', '1732360503412'][Math.floor(next() * 3)]!, to: ['now', '1732360603412'][Math.floor(next() * 2)]! },
        live: next() < 0.5,
      };
      expect(exploreUrl.parse(new URLSearchParams(exploreUrl.print(state).toString()))).toEqual(state);
    }
  });
  it('is empty for what is as by default', () => expect(exploreUrl.print(exploreUrl.parse(new URLSearchParams())).toString()).toBe(''));
  it('asks the API without the ends that are open', () => {
    expect(apiParameters(NO_FILTERS, DEFAULT_RANGE)).toMatchObject({ from: 'now-1h', to: null, attribute: [], service: null });
    expect(apiParameters({ ...NO_FILTERS, service: '' }, { from: 'all', to: '5' })).toMatchObject({ from: null, to: '5', service: '' });
  });
});

describe('filters', () => {
  const filters = filtersOf([{ field: 'service', value: 'shop' }, { field: 'attribute', value: 'a=1' }, { field: 'attribute', value: 'b=2' }]);
  it('are chips and back', () => expect(filtersOf(partsOf(filters))).toEqual(filters));
  it('hold an attribute once', () => expect(withPart(filters, { field: 'attribute', value: 'a=1' })).toBe(filters));
  it('change an attribute where it stands', () => expect(replacePart(filters, { field: 'attribute', value: 'a=1' }, { field: 'attribute', value: 'c=3' }).attributes).toEqual(['c=3', 'b=2']));
  it('are gone when the last is removed', () => expect(hasFilters(partsOf(filters).reduce(withoutPart, filters))).toBe(false));
  it('speak in words', () => {
    expect(partsOf(filters).map(inWords)).toEqual(['service = shop', 'a = 1', 'b = 2']);
    expect(inWords({ field: 'minDuration', value: '500ms' })).toBe('at least 500ms');
    expect(labelOf({ field: 'attribute', value: 'k=x=y' })).toEqual({ label: 'k', value: 'x=y' });
  });
  it.each([['1.5ms', 1.5e6], ['300us', 3e5], ['2s', 2e9], ['15m', 9e11], ['1 h', 3.6e12], ['42', 42], ['', null], ['fast', null], ['-1s', null], ['5 parsecs', null], ['1.2.3s', null]])('read %j as %s ns', (text, nanos) => {
    if (nanos === null) expect(parseDuration(text)).toBeNull();
    else expect(parseDuration(text)).toBeCloseTo(nanos);
  });
  it('say what is wrong with them', () => {
    expect(problemOf({ field: 'minDuration', value: 'fast' })).toContain('not a duration');
    expect(problemOf({ field: 'minDuration', value: '3s' }, { ...NO_FILTERS, maxDuration: '1s' })).toContain('longer than');
    expect(problemOf({ field: 'maxDuration', value: '1s' }, { ...NO_FILTERS, minDuration: '3s' })).toContain('shorter than');
    expect(problemOf({ field: 'status', value: 'broken' })).toContain('not a status');
    expect(problemOf({ field: 'attribute', value: '=x' })).toContain('key');
    expect(problemOf({ field: 'maxDuration', value: '3s' }, { ...NO_FILTERS, minDuration: '1s' })).toBeNull();
  });
});

describe('pages', () => {
  const page = (from: number, count: number, next: string | null = null): TraceList => ({ traces: fakeTraceItems(count, from), next });
  const ids = (pages: TraceList[]) => flatten(pages).map((trace) => trace.traceId);

  it('never move what is there when new traces come', () => {
    const pages = [page(10, 5, 'a'), page(15, 5, 'b')];
    const after = withNewest(pages, page(7, 6, 'x'));
    expect(ids(after).slice(-10)).toEqual(ids(pages));
    expect(ids(after)).toHaveLength(13);
    expect(after[1]!.next).toBe('b');
  });
  it('take from the newest page only what the list reaches down to: the rest comes by scrolling', () => {
    const pages = [page(0, 50, 'a')];
    expect(compareNewest(pages, page(0, 100, 'x')).added).toEqual([]);
    expect(withNewest(pages, page(0, 100, 'x'))).toEqual(pages);
  });
  it('are newest first whatever was loaded, came late or was scrolled to before', () => {
    for (let seed = 1; seed < 300; seed++) {
      const all = fakeTraceItems(160);
      // Some traces come late, with a start between those of others.
      const isLate = (index: number) => (index * 7919 * seed) % 13 === 0;
      const before = all.slice(seed % 30).filter((_, index) => !isLate(index));
      const loaded = 50 * (1 + (seed % 3));
      const pages = Array.from({ length: 1 + (seed % 3) }, (_, i): TraceList => ({ traces: before.slice(i * 50, i * 50 + 50), next: before.length > i * 50 + 50 ? String(i) : null }));
      const after = ids(withNewest(pages, { traces: all.slice(0, 100), next: 'x' }));
      const order = all.map((trace) => trace.traceId);
      const last = order.indexOf(ids(pages).at(-1)!);
      const isWhole = before.length <= loaded;
      // All that the newest page knows down to the list's end, then what the list had.
      const expected = order.filter((id, index) => ids(pages).includes(id) || (index < 100 && (isWhole || index <= last)));
      expect(after).toEqual(expected);
    }
  });
  it('are the fresh page when there was none', () => expect(withNewest([page(0, 0)], page(0, 5, 'x'))).toEqual([page(0, 5, 'x')]));
  it('begin anew after a gap, because a list with a hole would be a lie', () => {
    const fresh = page(0, 5, 'x');
    expect(compareNewest([page(50, 5, 'a')], fresh).hasGap).toBe(true);
    expect(withNewest([page(50, 5, 'a')], fresh)).toEqual([fresh]);
  });
  it('have no gap when the fresh page is all there is', () => expect(compareNewest([page(50, 5)], page(0, 5)).hasGap).toBe(false));
  it('show a trace once', () => expect(ids([page(0, 5, 'a'), page(3, 5)])).toHaveLength(8));
  it('take the later figures of a trace that has grown, and stay the same when none has', () => {
    const pages = [page(0, 3)];
    const grown = { ...pages[0]!.traces[1]!, spanCount: 99 };
    expect(withUpdates(pages, new Map([[grown.traceId, grown]]))[0]!.traces[1]!.spanCount).toBe(99);
    expect(withUpdates(pages, new Map([[grown.traceId, pages[0]!.traces[1]!]]))).toBe(pages);
  });
});

describe('a list that stands open', () => {
  const page = (from: number, count: number, next: string | null = null): TraceList => ({ traces: fakeTraceItems(count, from), next });
  const endOf = (index: number) => Number(BigInt(fakeTraceItems(1, index)[0]!.endUnixNanos) / 1_000_000n);

  it('lets go of what ended before its range began, and of nothing else', () => {
    for (let from = 0; from < 40; from++) {
      const pages = [page(0, 20, 'a'), page(20, 20)];
      const after = withinBounds(pages, page(0, 5, 'x'), endOf(from));
      const expected = flatten(pages).filter((trace, index) => index < 5 || Number(BigInt(trace.endUnixNanos) / 1_000_000n) >= endOf(from));
      expect(flatten(after)).toEqual(expected);
      expect(after.map((one) => one.next)).toEqual(['a', null]);
    }
  });
  it('stays as it is while all of it is in the range, or the range has no start', () => {
    const pages = [page(0, 20)];
    expect(withinBounds(pages, page(0, 5), endOf(30))).toBe(pages);
    expect(withinBounds(pages, page(0, 5), null)).toBe(pages);
  });
  it('never grows beyond its limit, however many traces come', () => {
    let pages = [page(100_000, 50, 'a')];
    for (let newest = 99_990; newest > 90_000; newest -= 60) {
      const fresh = page(newest, 100, 'x');
      pages = withinBounds(withNewest(pages, fresh), fresh, null);
      expect(flatten(pages)[0]).toEqual(fresh.traces[0]);
      expect(flatten(pages).length).toBeLessThanOrEqual(MAX_LIVE_TRACES);
    }
  });
});

describe('rows in view', () => {
  it('cover the view wherever it is, and no more than it and the overscan', () => {
    for (const count of [0, 1, VIRTUAL_FROM, VIRTUAL_FROM + 1, 5_000]) {
      for (let top = -50; top < count * 48 + 500; top += 997) {
        const { from, to } = rowWindow(count, 48, top, 700);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(count);
        const seen = Array.from({ length: count }, (_, i) => i).filter((i) => i * 48 < top + 700 && (i + 1) * 48 > top);
        for (const row of [seen[0], seen[seen.length - 1]]) if (row !== undefined) expect(row >= from && row < to).toBe(true);
        if (count > VIRTUAL_FROM) expect(to - from).toBeLessThanOrEqual(Math.ceil(700 / 48) + 2 + OVERSCAN * 2);
      }
    }
  });
  it('scroll no further than needed', () => {
    expect(scrollToShow(5, 48, 0, 700)).toBe(0);
    expect(scrollToShow(20, 48, 0, 700)).toBe(21 * 48 - 700);
    expect(scrollToShow(2, 48, 500, 700)).toBe(96);
  });
});

describe('a line', () => {
  const usual = { traceCount: 500, p50Nanos: 3e8, p95Nanos: 9e8, p99Nanos: 1e9, maxNanos: 2e9 };
  it('measures against the p99 and marks what is longer', () => {
    expect(durationBar(5e8, usual)).toMatchObject({ fill: 0.375, isLong: false, note: '' });
    expect(durationBar(1.6e9, usual)).toMatchObject({ fill: 1, isLong: true, note: '1.6× p99' });
    expect(durationBar(1.01e9, usual)!.note).toBe('>p99');
    expect(durationBar(5e8, usual)!.title).toContain('p99 of the newest 500: 1\u202fs');
    expect(durationBar(5e8, undefined)).toBeNull();
    expect(durationBar(5e8, { traceCount: 0, p50Nanos: null, p95Nanos: null, p99Nanos: null, maxNanos: null })).toBeNull();
  });
  it('rounds shares without claiming none or all', () => expect([0.714, 0.0004, 0.999, 1].map(shortPercent)).toEqual(['71%', '<0.1%', '99.9%', '100%']));
  it('leaves out the date of today', () => {
    const nanos = '1732360503412000001';
    expect(startText(nanos, 1_732_360_600_000, true)).toEqual({ text: '11:15:03.412', title: '2024-11-23 11:15:03.412 UTC' });
    expect(startText(nanos, 1_732_560_600_000, true).text).toBe('11-23 11:15:03');
  });
});

describe('remedies', () => {
  const filters = { ...NO_FILTERS, status: 'error', attributes: ['a=1', 'b=2'] };
  it('are changes of the state and read like sentences', () => {
    const without = { kind: 'without', parameter: 'status', value: 'error', from: null, count: 100, isMore: true } as const;
    expect(remedyLabel(without)).toBe('Without status = error: 100+ traces');
    expect(remedyOf(without, filters, DEFAULT_RANGE)!.filters.status).toBeNull();
    const wider = { kind: 'widen', parameter: 'from', value: 'now-1h', from: 'now-24h', count: 1, isMore: false } as const;
    expect(remedyLabel(wider)).toBe('Last 24 hours: 1 trace');
    expect(remedyOf(wider, filters, DEFAULT_RANGE)!.range).toEqual({ from: 'now-24h', to: 'now' });
    const attribute = { kind: 'without', parameter: 'attribute', value: 'a=1', from: null, count: 2, isMore: false } as const;
    expect(remedyOf(attribute, filters, DEFAULT_RANGE)!.filters.attributes).toEqual(['b=2']);
  });
});
