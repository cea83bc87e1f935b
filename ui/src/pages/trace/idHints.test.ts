// Hints on trace ids that lead nowhere.
import { describe, expect, it } from 'vitest';
import { idHint } from './idHints';

describe('a trace id', () => {
  it('that is whole gives no hint', () => expect(idHint('5b8EFff798038103d269b633813fc60c')).toBeNull());
  it.each([
    ['5b8efff7', '8 of 32'],
    ['5b8efff798038103d269b633813fc60c01', '34 digits'],
    ['5b8efff7-9803', 'characters other'],
    ['0'.repeat(32), 'all zeros'],
  ])('%s is told what is wrong with it', (id, words) => expect(idHint(id)).toContain(words));
});
