// The divider: arrows move it the way they point, and it stays within bounds.
import { describe, expect, it } from 'vitest';
import { clampShare, MAX_SHARE, MIN_SHARE, nextShare } from './splitShare';

describe('the divider', () => {
  it('follows the arrows: left and up give the details more room', () => {
    expect(nextShare(0.4, 'ArrowLeft', 'right')).toBeGreaterThan(0.4);
    expect(nextShare(0.4, 'ArrowRight', 'right')).toBeLessThan(0.4);
    expect(nextShare(0.4, 'ArrowUp', 'bottom')).toBeGreaterThan(0.4);
    expect(nextShare(0.4, 'ArrowDown', 'bottom')).toBeLessThan(0.4);
  });
  it('lets other keys be', () => {
    expect(nextShare(0.4, 'ArrowUp', 'right')).toBeNull();
    expect(nextShare(0.4, 'a', 'bottom')).toBeNull();
  });
  it('stays within bounds', () => {
    let share = 0.4;
    for (let i = 0; i < 100; i++) share = nextShare(share, 'ArrowLeft', 'right')!;
    expect(share).toBe(MAX_SHARE);
    for (let i = 0; i < 100; i++) share = nextShare(share, 'ArrowRight', 'right')!;
    expect(share).toBe(MIN_SHARE);
    expect([nextShare(0.3, 'Home', 'right'), nextShare(0.3, 'End', 'right')]).toEqual([MAX_SHARE, MIN_SHARE]);
    expect(clampShare(7)).toBe(MAX_SHARE);
  });
});
