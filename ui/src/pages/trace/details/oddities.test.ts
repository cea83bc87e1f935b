// Oddities in words: each mark is explained, and clocks say which way they were moved.
import { describe, expect, it } from 'vitest';
import { MARK_BITS } from '../../../api/types';
import { layoutOf, MONSTERS, shopSpans } from '../../../testing/fakeTraces';
import { TraceModel } from '../model';
import { odditiesOf } from './oddities';

describe('oddities of a span', () => {
  it('are none for a plain span', () => expect(odditiesOf(new TraceModel(layoutOf(shopSpans())), 3)).toEqual([]));

  it('name the parent that is missing', () => {
    const layout = layoutOf([{ service: 'a', name: 'a', start: 0, duration: 1, orphan: true }]);
    const parent = layout.missingParents[0]!.parentSpanId;
    expect(odditiesOf(new TraceModel(layout), 0)).toMatchObject([{ title: 'Missing parent', id: parent }]);
    expect(odditiesOf(new TraceModel(layout), 0)[0]!.text).toContain(parent.slice(0, 8));
  });

  it('say which way a clock was moved', () => {
    const layout = layoutOf(MONSTERS['skew']!());
    const row = layout.skewNanos.findIndex((nanos) => nanos !== 0);
    expect(odditiesOf(new TraceModel(layout), row)[0]!.text).toBe("The sender's clock runs ahead of its caller's: the span was moved by −3m 00s.");
    expect(odditiesOf(new TraceModel(layout, 'raw'), row)[0]!.text).toMatch(/^The sender's clock runs ahead.*Shown as sent/);
    const behind = { ...layout, skewNanos: layout.skewNanos.map((nanos) => -nanos) };
    expect(odditiesOf(new TraceModel(behind), row)[0]!.text).toMatch(/runs behind its caller's: the span was moved by \+3m 00s/);
  });

  it('explain every mark there is', () => {
    const layout = layoutOf(shopSpans());
    for (const bit of Object.values(MARK_BITS)) {
      const marked = new TraceModel({ ...layout, marks: layout.marks.map((_, row) => (row === 2 ? bit : 0)) });
      expect(odditiesOf(marked, 2)).toHaveLength(1);
      expect(odditiesOf(marked, 1)).toEqual([]);
    }
  });
});
