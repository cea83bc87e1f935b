// The trace model: relations between rows against a plain reading of the layout, and both clocks.
import { describe, expect, it } from 'vitest';
import { layoutOf, MONSTERS, randomTree, shopSpans } from '../../testing/fakeTraces';
import { TraceModel } from './model';

describe('rows of a trace', () => {
  const layout = layoutOf(randomTree(400, 5));
  const model = new TraceModel(layout);

  it('have the children that name them as their parent, in order', () => {
    for (let row = -1; row < model.count; row++) {
      expect(model.childrenOf(row)).toEqual(layout.parent.flatMap((parent, child) => (parent === row ? [child] : [])));
      if (row >= 0) expect(model.hasChildren(row)).toBe(model.childrenOf(row).length > 0);
    }
  });

  it('have as many ancestors as their depth, each the parent of the next', () => {
    for (let row = 0; row < model.count; row++) {
      const chain = [...model.ancestors(row), row];
      expect(chain).toHaveLength(layout.depth[row]! + 1);
      chain.forEach((at, i) => expect(layout.parent[at]).toBe(i === 0 ? -1 : chain[i - 1]));
      for (const at of chain) expect(model.isInside(row, at)).toBe(true);
    }
  });

  it('are found by their key', () => {
    for (let row = 0; row < model.count; row++) expect(model.rowOfKey(model.spanKey(row))).toBe(row);
    expect(model.rowOfKey('ffff')).toBe(-1);
    expect(model.rowOfSpanId('')).toBe(-1);
  });

  it('are told apart when they share a span id', () => {
    const shared = new TraceModel({ ...layout, spanId: layout.spanId.map((id, row) => (row % 3 === 0 ? 'abc' : id)) });
    for (let row = 0; row < shared.count; row++) expect(shared.rowOfKey(shared.spanKey(row))).toBe(row);
    expect(shared.spanKey(0)).toBe('abc');
    expect(shared.spanKey(3)).toBe('abc.2');
  });

  it('own the events of their time', () => {
    const shop = new TraceModel(layoutOf(shopSpans()));
    const row = shop.layout.eventRow[0]!;
    expect(shop.eventsFrom[row + 1]! - shop.eventsFrom[row]!).toBe(1);
    expect(shop.eventNanos[shop.eventsFrom[row]!]).toBe(1740e6);
    expect(shop.eventsFrom[shop.count]).toBe(1);
  });
});

describe('clocks', () => {
  const layout = layoutOf(MONSTERS['skew']!());
  const corrected = new TraceModel(layout);
  const raw = new TraceModel(layout, 'raw');
  const moved = layout.skewNanos.findIndex((nanos) => nanos !== 0);

  it('move starts by the skew', () => {
    expect(raw.start[moved]).toBe(180_020e6);
    expect(corrected.start[moved]).toBe(50e6);
  });

  it('bound the trace each for itself', () => {
    expect([corrected.from, corrected.to]).toEqual([0, 400e6]);
    expect([raw.from, raw.to]).toEqual([0, 180_320e6]);
  });

  it('keep the critical path on its spans', () => {
    for (const model of [corrected, raw]) {
      for (let i = 0; i < model.pathRow.length; i++) {
        const row = model.pathRow[i]!;
        expect(model.pathStart[i]).toBeGreaterThanOrEqual(model.start[row]!);
        expect(model.pathEnd[i]).toBeLessThanOrEqual(model.end(row));
      }
    }
  });

  it('make nothing of an empty trace', () => {
    const empty = new TraceModel({ ...layoutOf(shopSpans()), spanId: [], parent: [], depth: [], subtreeEnd: [], startNanos: [], durationNanos: [], skewNanos: [], selfNanos: [],
      criticalNanos: [], service: [], name: [], kind: [], status: [], marks: [], eventRow: [], eventNanos: [] }, 'raw');
    expect([empty.count, empty.from, empty.to, empty.childrenOf(-1)]).toEqual([0, 0, 0, []]);
  });
});
