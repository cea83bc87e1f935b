// The trace page's address: whatever state it is in, a link brings it back; whatever stands in a link, a state comes of it.
import { describe, expect, it } from 'vitest';
import { layoutOf, shopSpans } from '../../testing/fakeTraces';
import { TraceModel } from './model';
import { MAX_OPEN, traceUrl, viewOf, withView, type Fold, type TraceUrlState } from './traceUrl';

/** A repeatable source of random numbers. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

function anyState(roll: (sides: number) => number): TraceUrlState {
  const key = () => roll(2 ** 31).toString(16).padStart(16, '0') + (roll(5) === 0 ? '.2' : '');
  const from = roll(2 ** 31) * 1000 - 1e9;
  const words = ['', 'SELECT stock', 'a&b=c', '100% + x', 'naïve 東京', ' ', '#?/,'];
  const span = roll(3) === 0 ? null : key();
  return {
    span,
    panel: span === null || roll(2) === 0,
    zoom: roll(2) === 0 ? null : { fromNanos: from, toNanos: from + 1 + roll(1e9) },
    find: words[roll(words.length)]!,
    service: roll(2) === 0 ? null : words[roll(words.length)]!,
    only: roll(2) === 0,
    fold: ([() => 'auto', () => 'none', () => roll(100)] satisfies (() => Fold)[])[roll(3)]!(),
    open: [...new Set(Array.from({ length: roll(20) }, key))],
    focus: roll(2) === 0 ? null : key(),
    showCritical: roll(2) === 0,
    clock: roll(2) === 0 ? 'raw' : 'corrected',
  };
}

describe('the trace page in the address', () => {
  it('comes back as it was printed', () => {
    const roll = dice(7);
    for (let i = 0; i < 500; i++) {
      const state = anyState(roll);
      expect(traceUrl.parse(new URLSearchParams(traceUrl.print(state).toString()))).toEqual(state);
    }
  });

  it('leaves out what is as by default', () => expect(traceUrl.print(traceUrl.parse(new URLSearchParams())).toString()).toBe(''));

  it.each(['z=5-5', 'z=9-3', 'z=x', 'z=1-99999999999999999999', 'fold=d:', 'fold=deep', 'fold=d:999999', 'open=,,', 'span=', 'span=<b>', 'only=yes', 'clock=mine'])(
    'takes %s for what is so by default',
    (search) => expect(traceUrl.parse(new URLSearchParams(search))).toEqual(traceUrl.parse(new URLSearchParams())),
  );

  it('has no closed panel without a span', () => expect(traceUrl.parse(new URLSearchParams('panel=0')).panel).toBe(true));
});

describe('the view of the waterfall', () => {
  const model = new TraceModel(layoutOf(shopSpans()));
  const state = traceUrl.parse(new URLSearchParams());

  it('names the focused row by its span', () => {
    const focused = withView(state, { focusRow: 4 }, model);
    expect(focused.focus).toBe(model.layout.spanId[4]);
    expect(viewOf(focused, model).focusRow).toBe(4);
    expect(withView(focused, { focusRow: -1 }, model).focus).toBeNull();
  });

  it('leaves alone what did not change', () => expect(withView({ ...state, focus: 'abc', only: true }, { fold: 2 }, model)).toMatchObject({ focus: 'abc', only: true, fold: 2 }));

  it('keeps zoom in whole nanoseconds, at least one wide', () => {
    expect(withView(state, { zoom: { fromNanos: 1.7, toNanos: 1.8 } }, model).zoom).toEqual({ fromNanos: 1, toNanos: 2 });
    expect(withView(state, { zoom: null }, model).zoom).toBeNull();
  });

  it('forgets the rows toggled first when there are too many for an address', () => {
    const keys = Array.from({ length: MAX_OPEN + 5 }, (_, i) => i.toString(16));
    const { open } = withView(state, { open: keys }, model);
    expect(open).toEqual(keys.slice(5));
    expect(traceUrl.print({ ...state, open }).toString().length).toBeLessThan(8_000);
  });
});
