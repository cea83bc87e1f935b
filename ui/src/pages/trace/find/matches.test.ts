// Search in a trace: what matches, counted and walked, against a plain filter.
import { describe, expect, it } from 'vitest';
import { layoutOf, randomTree, shopSpans } from '../../../testing/fakeTraces';
import { TraceModel } from '../model';
import { addRows, both, countMatches, matchNames, matchService, stepMatch } from './matches';

const shop = new TraceModel(layoutOf(shopSpans()));
const big = new TraceModel(layoutOf(randomTree(500, 3)));
const rowsOf = (matches: Uint8Array) => Array.from(matches.keys()).filter((row) => matches[row]);

describe('matches', () => {
  it.each(['select STOCK', 'cart', ' post ', 'zzz'])('of "%s" are the rows whose service or name contains it', (text) => {
    const wanted = text.trim().toLowerCase();
    const expected = Array.from({ length: shop.count }, (_, row) => row).filter((row) => `${shop.serviceName(row)}\n${shop.spanName(row)}`.toLowerCase().includes(wanted));
    expect(rowsOf(matchNames(shop, text))).toEqual(expected);
  });

  it('of a service are its rows', () => {
    expect(rowsOf(matchService(shop, 'cart')).every((row) => shop.serviceName(row) === 'cart')).toBe(true);
    expect(rowsOf(matchService(shop, 'cart'))).toHaveLength(13);
    expect(rowsOf(matchService(shop, 'nobody'))).toEqual([]);
  });

  it('add up, and narrow', () => {
    const names = matchNames(shop, 'charge');
    expect(rowsOf(addRows(names, [0, -1, 9999]))).toEqual([0, ...rowsOf(names)]);
    expect(rowsOf(both(matchNames(shop, 'post'), matchService(shop, 'payments'))).map((row) => shop.spanName(row))).toEqual(['POST /charge']);
  });
});

describe('walking matches', () => {
  const matches = matchNames(big, 'op 7');
  const rows = rowsOf(matches);

  it('visits each once, round the end, and back the same way', () => {
    const forward: number[] = [];
    for (let at = stepMatch(matches, -1, 1), i = 0; i < rows.length; i++, at = stepMatch(matches, at, 1)) forward.push(at);
    expect(forward).toEqual(rows);
    const back: number[] = [];
    for (let at = stepMatch(matches, -1, -1), i = 0; i < rows.length; i++, at = stepMatch(matches, at, -1)) back.push(at);
    expect(back).toEqual([...rows].reverse());
  });

  it('stays on the only one, and finds none where there is none', () => {
    const one = new Uint8Array([0, 0, 1, 0]);
    expect([stepMatch(one, 2, 1), stepMatch(one, 2, -1), stepMatch(one, 0, -1)]).toEqual([2, 2, 2]);
    expect(stepMatch(new Uint8Array(5), 2, 1)).toBe(-1);
    expect(stepMatch(new Uint8Array(), -1, 1)).toBe(-1);
  });

  it('counts where it stands', () => {
    rows.forEach((row, i) => expect(countMatches(matches, row)).toEqual({ total: rows.length, position: i + 1 }));
    expect(countMatches(matches, -1)).toEqual({ total: rows.length, position: 0 });
  });
});
