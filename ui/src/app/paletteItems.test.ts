// The palette's order: what was meant stands first.
import { describe, expect, it } from 'vitest';
import { paletteItems, score, type Command } from './paletteItems';

const commands: Command[] = [
  { id: 'explore', label: 'Go to Explore', words: 'traces list', run: () => {} },
  { id: 'dark', label: 'Dark theme', words: 'appearance', run: () => {} },
  { id: 'copy', label: 'Copy link to this view', words: 'share url', run: () => {} },
];
const services = ['shop', 'shop-web', 'payments', 'card-provider', 'orders'];
const labels = (text: string) => paletteItems(text, services, commands).map((item) => item.label);

describe('the palette', () => {
  it('shows commands first, then services, when nothing is typed', () => expect(labels('').slice(0, 4)).toEqual(['Go to Explore', 'Dark theme', 'Copy link to this view', 'shop']));
  it('puts the exact name before the longer one', () => expect(labels('shop')).toEqual(['shop', 'shop-web']));
  it('finds words inside names', () => expect(labels('web')).toEqual(['shop-web']));
  it('finds letters in order', () => expect(labels('cprov')).toEqual(['card-provider']));
  it('finds commands by what people call them', () => expect(labels('share')[0]).toBe('Copy link to this view'));
  it('puts a pasted trace first', () => {
    const [first] = paletteItems('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', services, commands);
    expect(first).toMatchObject({ kind: 'trace', path: '/trace/0af7651916cd43dd8448eb211c80319c?span=b7ad6b7169203331' });
  });
  it('is empty when nothing fits', () => expect(labels('zzz')).toEqual([]));
  it('ranks beginning over word over inside over scattered', () => {
    const ranks = [score('pay', 'payments'), score('pay', 'card-pay'), score('pay', 'repayment'), score('pay', 'p-a-y'), score('pay', 'yap')];
    expect([...ranks].sort((a, b) => b - a)).toEqual(ranks);
    expect(new Set(ranks).size).toBe(5);
    expect(ranks[4]).toBe(0);
  });
});
