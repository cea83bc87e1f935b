// A growing trace: asked for while it is young or changes, and no longer.
import { describe, expect, it } from 'vitest';
import type { TraceLayout } from '../../api/types';
import { FAKE_BASE, layoutOf, shopSpans } from '../../testing/fakeTraces';
import { beginGrowth, continueGrowth, isSameTrace, nextRefetch, QUIET_MS, YOUNG_MS } from './growth';

const layout = layoutOf(shopSpans());
const received = Number(FAKE_BASE / 1_000_000n) + 2_000;
const withSpans = (spanCount: number): TraceLayout => ({ ...layout, spanCount });

/** Asks as the page would; returns when it asked. */
function run(serverAge: number | null, countAt: (now: number) => number, loadMillis = 20): number[] {
  let growth = beginGrowth(withSpans(countAt(0)), serverAge === null ? null : received + serverAge, 0);
  const asked: number[] = [];
  for (let now = 0; asked.length < 1_000; ) {
    const wait = nextRefetch(growth, now, loadMillis);
    if (wait === null) break;
    now += wait;
    asked.push(now);
    growth = continueGrowth(growth, withSpans(countAt(now)), now);
  }
  return asked;
}

describe('a trace that may grow', () => {
  it('is not asked for again when it was old', () => expect(run(YOUNG_MS, () => 5)).toEqual([]));
  it('is asked for every few seconds until it was quiet for long enough', () => {
    const asked = run(1_000, () => 5);
    expect(asked[0]).toBe(2_500);
    expect(asked.at(-1)).toBe(QUIET_MS);
  });
  it('is asked for as long as spans come, and a while longer', () => {
    const asked = run(59_000, (now) => Math.min(100, Math.floor(now / 1_000)));
    expect(asked.at(-1)).toBe(100_000 + QUIET_MS);
  });
  it('is asked for when the server does not say what time it is', () => expect(run(null, () => 5).length).toBeGreaterThan(0));
  it('is asked for less often when it takes long to load', () => expect(run(0, () => 5, 1_500)[0]).toBe(15_000));
  it('counts what came since it was opened', () => {
    const growth = continueGrowth(beginGrowth(withSpans(5), received, 0), withSpans(17), 100);
    expect(growth.count - growth.firstCount).toBe(12);
  });
});

describe('an answer', () => {
  it('is the same only when nothing came', () => {
    expect(isSameTrace(layout, structuredClone(layout))).toBe(true);
    expect(isSameTrace(layout, withSpans(layout.spanCount + 1))).toBe(false);
    expect(isSameTrace(layout, { ...layout, duplicateCount: 1 })).toBe(false);
  });
});
