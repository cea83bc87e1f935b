// @vitest-environment happy-dom
// The waterfall as keyboards and readers have it: rows, what is selected, what matches, and what stays in sight. Nothing is drawn here.
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { assignColours } from '../../../colours/services';
import { listenForKeys } from '../../../keys/keys';
import { layoutOf, shopSpans, type FakeSpan } from '../../../testing/fakeTraces';
import { matchNames } from '../find/matches';
import { TraceModel, type Matches } from '../model';
import type { WaterfallView } from '../traceUrl';
import { Waterfall } from './Waterfall';

const shop = new TraceModel(layoutOf(shopSpans()));
const rowNamed = (model: TraceModel, name: string) => model.parent.findIndex((_, row) => model.spanName(row) === name);
const VIEW: WaterfallView = { zoom: null, fold: 'auto', open: [], only: false, focusRow: -1 };

let resize: (height: number) => void = () => {};
let stop: () => void;
beforeEach(() => {
  const observers: { target: Element; tell: ResizeObserverCallback }[] = [];
  vi.stubGlobal(
    'ResizeObserver',
    class {
      constructor(private readonly tell: ResizeObserverCallback) {}
      observe(target: Element) {
        observers.push({ target, tell: this.tell });
      }
      disconnect() {}
    },
  );
  resize = (height) => {
    for (const { target, tell } of observers) {
      const contentRect = { width: 1000, height: target.className === 'minimap' ? 64 : height } as DOMRectReadOnly;
      act(() => tell([{ contentRect } as ResizeObserverEntry], {} as ResizeObserver));
    }
  };
  stop = listenForKeys();
});
afterEach(() => {
  stop();
  cleanup();
  vi.unstubAllGlobals();
});

interface Wanted {
  model?: TraceModel;
  selected?: number;
  view?: Partial<WaterfallView>;
  matches?: Matches | null;
}
const now: { view: WaterfallView; selected: number } = { view: VIEW, selected: -1 };

function show({ model = shop, selected: first = -1, view: part = {}, matches = null }: Wanted) {
  function Page() {
    const [view, setView] = useState({ ...VIEW, ...part });
    const [selected, select] = useState(first);
    Object.assign(now, { view, selected });
    return (
      <Waterfall
        model={model} selected={selected} onSelect={select} view={view} onView={(change) => setView((before) => ({ ...before, ...change }))}
        matches={matches} showCritical colours={assignColours(model.layout.serviceOrdinals)}
      />
    );
  }
  render(<Page />);
  resize(24 * 21);
}

const names = () => screen.getAllByRole('row').map((row) => row.getAttribute('aria-label')!.split(', ')[1]);
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });

describe('a waterfall of matches alone', () => {
  const auth = rowNamed(shop, 'POST /verify');
  it('stays so when the address names a span that does not match, and shows that span besides', () => {
    show({ matches: matchNames(shop, 'INSERT'), view: { only: true }, selected: auth });
    expect(now.view.only).toBe(true);
    expect(names()).toEqual(['click Buy', 'POST /checkout', 'Auth middleware', 'POST /verify', 'Save order to DB', 'INSERT orders']);
  });
  it('takes in what a jump leads to', () => {
    show({ matches: matchNames(shop, 'INSERT'), view: { only: true } });
    expect(names()).not.toContain('POST /charge');
    press('e');
    expect([now.view.only, shop.spanName(now.selected)]).toEqual([true, 'POST /charge']);
    expect(names()).toContain('POST /charge');
  });
});

describe('a waterfall of one subtree', () => {
  it('becomes whole again for a span outside of it', () => {
    show({ view: { focusRow: rowNamed(shop, 'Validate cart') }, selected: rowNamed(shop, 'POST /verify') });
    expect(now.view.focusRow).toBe(-1);
  });
});

describe('a group of likes', () => {
  it('is the selected row while the keyboard stands on it, and says what it holds', () => {
    show({ matches: matchNames(shop, 'stock'), selected: rowNamed(shop, 'POST /validate') });
    press('ArrowDown');
    const chosen = screen.getAllByRole('row').filter((row) => row.getAttribute('aria-selected') === 'true');
    expect(chosen.map((row) => row.getAttribute('aria-label'))).toEqual(['12 × cart, SELECT stock, 96 ms total, on critical path, 12 matches folded away']);
    expect(document.activeElement).toBe(chosen[0]);
  });
  it('is explained in the legend when it hides matches', () => {
    show({ matches: matchNames(shop, 'stock') });
    expect(screen.getByText('match folded away')).toBeTruthy();
  });
});

describe('the row one stands on', () => {
  const children: FakeSpan[] = Array.from({ length: 40 }, (_, i) => ({ service: 'a', name: `step ${i}`, start: i, duration: 1 }));
  const long = new TraceModel(layoutOf([{ service: 'a', name: 'root', start: 0, duration: 40, children }]));
  it('stays in sight when the details take half of the height', () => {
    show({ model: long, selected: rowNamed(long, 'step 18') });
    const scroller = document.querySelector('.waterfall-scroll')!;
    const before = scroller.scrollTop;
    resize(24 * 9);
    expect(scroller.scrollTop).toBeGreaterThan(before);
    expect(19 * 24 + 24 - scroller.scrollTop).toBeLessThanOrEqual(24 * 8);
  });
});
