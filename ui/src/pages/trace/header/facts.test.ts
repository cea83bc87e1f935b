// The head of a trace: its root, its remarks and its services.
import { describe, expect, it } from 'vitest';
import { layoutOf, MONSTERS, shopSpans, type FakeSpan } from '../../../testing/fakeTraces';
import { TraceModel } from '../model';
import { errorOrigins, largestRow, levels, remarksOn, rootRow, servicesOf } from './facts';

const shop = new TraceModel(layoutOf(shopSpans()));
const span = (name: string, more: Partial<FakeSpan> = {}): FakeSpan => ({ service: 'a', name, start: 0, duration: 10, ...more });
const modelOf = (tops: FakeSpan[], change: object = {}) => {
  const layout = layoutOf(tops);
  return new TraceModel({ ...layout, criticalPath: { ...layout.criticalPath, rootRow: -1 }, ...change });
};
const ids = (model: TraceModel) => remarksOn(model).map((remark) => remark.id);

describe('a trace', () => {
  it('is named by the root of its critical path', () => expect(rootRow(shop)).toBe(0));
  it('is named by the first row that misses no parent', () => expect(rootRow(modelOf([span('lost', { orphan: true }), span('root')]))).toBe(1));
  it('is named by its first row when all miss one', () => expect(rootRow(modelOf([span('lost', { orphan: true }), span('lost', { orphan: true })]))).toBe(0));
  it('has as many levels as its deepest row says', () => {
    expect(levels(shop)).toBe(5);
    expect(levels(modelOf([span('one')]))).toBe(1);
    expect(levels(new TraceModel(layoutOf(MONSTERS['deep']!())))).toBe(5_001);
  });
});

describe('a failure', () => {
  const failed = (name: string, children: FakeSpan[] = []) => span(name, { status: 2, children });
  it('began at the errors that have none below them', () => {
    const model = modelOf([failed('root', [span('fine', { children: [failed('deep')] }), failed('middle', [failed('leaf'), span('after')]), span('last')]), failed('other')]);
    const names = Array.from(errorOrigins(model)).flatMap((isOrigin, row) => (isOrigin ? [model.spanName(row)] : []));
    expect(names).toEqual(['deep', 'leaf', 'other']);
  });
  it('is told by the innermost span that says what happened, not by the call below it that came back with an error', () => {
    const charge = failed('charge', [{ ...failed('authorize', [failed('POST')]), events: [5] }]);
    const names = (model: TraceModel) => Array.from(errorOrigins(model)).flatMap((isOrigin, row) => (isOrigin ? [model.spanName(row)] : []));
    expect(names(modelOf([{ ...failed('root', [charge, failed('beside')]), events: [9] }]))).toEqual(['authorize']);
    expect(names(modelOf([failed('root', [charge, failed('beside')])]))).toEqual(['authorize', 'beside']);
  });
  it('is told the same way by looking below every error, on a monster', () => {
    const model = new TraceModel(layoutOf(MONSTERS['random10k']!()));
    const slow = Array.from(model.status, (status, row) => {
      if (status !== 2) return 0;
      for (let below = row + 1; below < model.subtreeEnd[row]!; below++) if (model.status[below] === 2) return 0;
      return 1;
    });
    expect([...errorOrigins(model)]).toEqual(slow);
  });
});

describe('remarks', () => {
  it('are none on a plain trace', () => expect(ids(shop)).toEqual([]));
  it('tell what is missing', () => {
    expect(ids(modelOf([span('a', { orphan: true })]))).toEqual(['orphans', 'rootless']);
    expect(ids(modelOf([span('a'), span('b', { orphan: true })]))).toEqual(['orphans']);
    expect(ids(modelOf([span('a')], { isPartial: true, duplicateCount: 2, isEventsCut: true }))).toEqual(['partial', 'duplicates', 'events']);
  });
  it('count missing parents, not their children', () => {
    const monster = new TraceModel(layoutOf(MONSTERS['orphans']!()));
    const remark = remarksOn(monster).find((r) => r.id === 'orphans')!;
    expect(remark.label).toBe('7 missing parents');
    expect(remark.title).toMatch(/^50\.0k spans name/);
  });
  it('tell of several roots and of cycles', () => {
    expect(ids(modelOf([span('a'), span('b')]))).toEqual(['roots']);
    expect(ids(modelOf([span('a'), span('b')], { marks: [0, 2] }))).toEqual(['cycles']);
  });
  it('say which clocks are shown', () => {
    const layout = layoutOf(MONSTERS['skew']!());
    expect(remarksOn(new TraceModel(layout))[0]).toMatchObject({ id: 'skew', label: 'clocks corrected' });
    expect(remarksOn(new TraceModel(layout))[0]!.title).toMatch(/^1 span .*3m 00s/);
    expect(remarksOn(new TraceModel(layout, 'raw'))[0]).toMatchObject({ id: 'skew', label: 'clocks as sent' });
  });
});

describe('services', () => {
  it('come with the most of the critical path first and account for every span', () => {
    const facts = servicesOf(shop);
    expect(facts[0]!.name).toBe('card-provider');
    expect(facts.reduce((sum, fact) => sum + fact.spanCount, 0)).toBe(shop.count);
    expect(facts.reduce((sum, fact) => sum + fact.criticalNanos, 0)).toBe(shop.path.toNanos - shop.path.fromNanos);
  });
  it('lead to the row that matters most', () => {
    const row = largestRow(shop, shop.layout.services.indexOf('cart'), shop.layout.names.indexOf('SELECT stock'));
    expect(shop.spanName(row)).toBe('SELECT stock');
    expect(largestRow(shop, 0, 99)).toBe(-1);
  });
});
