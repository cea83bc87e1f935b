// Folding and visible rows on drawn traces: what is gathered, what never is, what opens, and that every span has exactly one entry.
import { describe, expect, it } from 'vitest';
import { layoutOf, MONSTERS, shopSpans, type FakeSpan } from '../../../testing/fakeTraces';
import { TraceModel } from '../model';
import { Facts } from './facts';
import { groupKey, INITIAL_ROWS, planFolds, toggledCodes } from './fold';
import { buildRows, OPENING, segmentsOf, toReveal, type Rows, type RowsWanted } from './rows';

const NOTHING: RowsWanted = { toggled: new Set<number>(), focusRow: -1, only: null, also: -1 };
const modelOf = (spans: FakeSpan[]) => new TraceModel(layoutOf(spans));
const made = new Map<string, TraceModel>();
const monster = (name: string): TraceModel => {
  const model = made.get(name) ?? modelOf(MONSTERS[name]!());
  made.set(name, model);
  return model;
};
const plain = (text: string) => text.replaceAll('\u202f', ' ');

/** One line per entry: indent, + closed, − open, then the words. */
function drawn(model: TraceModel, fold: 'auto' | 'none' | number = 'auto', keys: string[] = [], more: Partial<RowsWanted> = {}): string[] {
  const plan = planFolds(model, fold);
  const facts = new Facts(model, plan);
  const rows = buildRows(model, plan, { ...NOTHING, ...more, toggled: toggledCodes(model, plan, keys) });
  return Array.from(rows.code, (code, entry) => {
    const sign = ['  ', '+ ', '- '][rows.opening[entry]!];
    const words = code >= 0 ? model.spanName(code) : `${facts.group(~code).size} × ${facts.group(~code).name}`;
    return `${'  '.repeat(rows.depth[entry]!)}${sign}${words}`;
  });
}

function expectWhole(rows: Rows): void {
  expect(rows.entryOf.every((entry) => entry >= 0)).toBe(true);
  expect(rows.code.filter((code) => code >= 0).length).toBe(rows.shownSpans);
}

const calls = (count: number, name: string, ms = 1): FakeSpan[] => Array.from({ length: count }, (_, i) => ({ service: 'orders', name, start: i * ms, duration: ms }));

describe('folding', () => {
  it('gathers five and more alike in a row, and says so', () => {
    expect(drawn(modelOf(shopSpans()))).toContain('        + 12 × SELECT stock');
    const four = modelOf([{ service: 'a', name: 'root', start: 0, duration: 100, children: calls(4, 'SELECT') }]);
    expect(drawn(four)).toHaveLength(5);
  });

  it('labels a group with total and median', () => {
    const model = modelOf([{ service: 'a', name: 'root', start: 0, duration: 1000, children: calls(31, 'SELECT orders', 12) }]);
    const plan = planFolds(model, 'auto');
    const rows = buildRows(model, plan);
    expect(plain(new Facts(model, plan).label(rows.code[1]!))).toBe('372 ms total · p50 12 ms');
  });

  it('keeps a heavy piece of the critical path out of a group', () => {
    const children = calls(20, 'GET', 1);
    children[10] = { service: 'orders', name: 'GET', start: 10, duration: 80 };
    for (let i = 11; i < 20; i++) children[i] = { ...children[i]!, start: 80 + i };
    const model = modelOf([{ service: 'a', name: 'root', start: 0, duration: 100, children }]);
    expect(drawn(model)).toEqual(['- root', '  + 10 × GET', '    GET', '  + 9 × GET']);
  });

  it('opens by key, and the key comes back to the same group', () => {
    const model = modelOf(shopSpans());
    const plan = planFolds(model, 'auto');
    const rows = buildRows(model, plan);
    const group = rows.code.find((code) => code < 0)!;
    const key = groupKey(model, plan.groups, ~group);
    expect(key).toMatch(/^[0-9a-z.]{1,40}$/);
    expect([...toggledCodes(model, plan, [key])]).toEqual([group]);
    expect(drawn(model, 'auto', [key]).filter((line) => line.endsWith('SELECT stock'))).toHaveLength(13);
  });

  it('shows orphans under what they miss', () => {
    const orphan = (i: number): FakeSpan => ({ service: 's', name: `o${i}`, start: i, duration: 1, orphan: true });
    const model = modelOf([{ service: 'a', name: 'root', start: 0, duration: 10 }, orphan(1), orphan(2)]);
    const lines = drawn(model);
    expect(lines.filter((line) => line.includes('missing parent'))).toHaveLength(2);
    expect(lines).toContain('    o1');
  });

  it('folds by depth, and shows one subtree or only matches', () => {
    const model = modelOf(shopSpans());
    expect(drawn(model, 1)).toEqual(['- click Buy', '  + POST /checkout']);
    expect(drawn(model, 'none', [], { focusRow: model.parent[model.count - 2]! })[0]).toBe('- Save order to DB');
    const only = new Uint8Array(model.count);
    only[model.count - 2] = 1;
    expect(drawn(model, 'auto', [], { only })).toEqual(['- click Buy', '  - POST /checkout', '    - Save order to DB', '        INSERT orders']);
  });

  it.each(Object.keys(MONSTERS))('shows a monster in few rows, and every span has its entry: %s', (name) => {
    const model = monster(name);
    const plan = planFolds(model, 'auto');
    const rows = buildRows(model, plan);
    // A path of 5,000 levels has nothing to fold.
    if (name !== 'deep') expect(rows.count).toBeLessThanOrEqual(INITIAL_ROWS);
    expectWhole(rows);
    const all = planFolds(model, 'none');
    const open = buildRows(model, all);
    expect(open.shownSpans).toBe(model.count);
    expect(open.count - model.count).toBe(all.groups.count - 1);
  }, 30_000);

  it('leaves a hundred thousand rows as quick to rebuild as a frame', () => {
    const model = monster('random100k');
    const plan = planFolds(model, 'none');
    buildRows(model, plan);
    const from = performance.now();
    buildRows(model, plan);
    // A few ms alone on a machine; tests share theirs.
    expect(performance.now() - from).toBeLessThan(100);
  }, 30_000);

  it('reveals any span, whatever hides it', () => {
    for (const name of ['random10k', 'orphans', 'deep']) {
      const model = monster(name);
      const plan = planFolds(model, 'auto');
      const rows = buildRows(model, plan);
      for (let row = 0; row < model.count; row += Math.ceil(model.count / 23)) {
        const codes = toReveal(model, plan, rows, NOTHING, row)!;
        const shown = buildRows(model, plan, { ...NOTHING, toggled: new Set(codes) });
        expect(shown.code[shown.entryOf[row]!]).toBe(row);
      }
    }
  }, 30_000);

  it('hands every segment of the critical path to the one entry that shows it', () => {
    for (const fold of ['auto', 'none', 0, 2] as const) {
      const model = monster('random10k');
      const plan = planFolds(model, fold);
      const rows = buildRows(model, plan);
      const { from, segment } = segmentsOf(model, rows);
      expect([...segment].sort((a, b) => a - b)).toEqual(Array.from(model.pathRow, (_, i) => i));
      for (let entry = 0; entry < rows.count; entry++) {
        const own = segment.subarray(from[entry], from[entry + 1]);
        expect(own.every((i) => rows.entryOf[model.pathRow[i]!] === entry)).toBe(true);
      }
    }
  });

  it('says a row in words', () => {
    const model = modelOf(shopSpans());
    const plan = planFolds(model, 'auto');
    const facts = new Facts(model, plan);
    const rows = buildRows(model, plan);
    const charge = rows.entryOf[model.parent.findIndex((_, row) => model.spanName(row) === 'POST /charge')]!;
    expect(facts.spoken(rows, charge)).toBe('payments, POST /charge, 1.45 s, 63.0% of trace, on critical path, error');
    const group = rows.code.findIndex((code) => code < 0);
    expect(facts.spoken(rows, group)).toBe('12 × cart, SELECT stock, 96 ms total, on critical path');
    expect(rows.opening[group]).toBe(OPENING.closed);
  });
});
