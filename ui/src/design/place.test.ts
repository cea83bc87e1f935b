// Where panels go when the window is in the way.
import { describe, expect, it } from 'vitest';
import { place } from './place';

const view = { width: 1000, height: 600 };
const panel = { width: 200, height: 100 };
const at = (left: number, top: number) => ({ left, top, width: 80, height: 30 });

describe('a panel', () => {
  it('stands below its anchor', () => expect(place(at(100, 100), panel, view, 'bottom', 'start')).toEqual({ left: 100, top: 134 }));
  it('turns up at the bottom of the window', () => expect(place(at(100, 550), panel, view, 'bottom', 'start').top).toBe(446));
  it('turns left at the right edge', () => expect(place(at(910, 100), panel, view, 'right', 'start').left).toBe(706));
  it('never leaves the window', () => {
    for (const side of ['bottom', 'top', 'right'] as const)
      for (const align of ['start', 'end', 'centre'] as const)
        for (let x = -50; x < 1050; x += 90)
          for (let y = -50; y < 650; y += 90) {
            const { left, top } = place(at(x, y), panel, view, side, align);
            expect(left >= 8 && top >= 8 && left + 200 <= 992 && top + 100 <= 592).toBe(true);
          }
  });
});
