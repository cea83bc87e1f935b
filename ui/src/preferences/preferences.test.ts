// Whatever is found in the browser's storage becomes preferences.
import { describe, expect, it } from 'vitest';
import { parsePreferences } from './preferences';

const DEFAULTS = { utc: false, density: 'normal', isRailPinned: false, letterKeys: true };

describe('kept preferences', () => {
  it.each([null, '', 'nonsense', 'null', '[]', '3', '{"density":"huge","utc":"yes"}'])('%s means the defaults', (text) => expect(parsePreferences(text)).toEqual(DEFAULTS));
  it('are read field by field', () => expect(parsePreferences('{"utc":true,"density":"compact","other":1}')).toEqual({ ...DEFAULTS, utc: true, density: 'compact' }));
});
