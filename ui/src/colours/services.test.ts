// Service colours: distinct, stable, and moved only when they must.
import { describe, expect, it } from 'vitest';
import { assignColours } from './services';

describe('service colours', () => {
  it('gives each of up to sixteen services its own', () => {
    for (let n = 1; n <= 16; n++) {
      const ordinals = Array.from({ length: n }, (_, i) => i * 37);
      expect(new Set(assignColours(ordinals).map((c) => `${c.slot}${c.hatched}`)).size).toBe(n);
    }
  });
  it('follows the ordinal where nothing collides', () => expect(assignColours([3, 0]).map((c) => c.slot)).toEqual([3, 0]));
  it('moves the service seen later', () => expect(assignColours([8, 0]).map((c) => c.slot)).toEqual([1, 0]));
});
