// Ranges as people write them, at a fixed now, in UTC and in local time.
import { describe, expect, it } from 'vitest';
import { AROUND_MILLIS, parsePoint, parseRange } from './parseRange';
import { PRESETS, rangeLabel } from './range';

/** A Sunday. */
const NOW = Date.UTC(2026, 10, 22, 11, 15, 3, 412);
const at = (day: number, hour = 0, minute = 0, second = 0) => String(Date.UTC(2026, 10, day, hour, minute, second));
const around = (millis: number) => ({ from: String(millis - AROUND_MILLIS), to: String(millis + AROUND_MILLIS) });
const utc = (text: string) => parseRange(text, NOW, true);

describe('a range in words', () => {
  it.each([
    ['last 90m', 'now-90m'],
    ['Last 2 Hours', 'now-2h'],
    ['past 3 days', 'now-3d'],
    ['90m', 'now-90m'],
    ['1h 30m', 'now-90m'],
    ['1.5h', 'now-90m'],
    ['last hour', 'now-1h'],
    ['last week', 'now-7d'],
    ['since 2 hours ago', 'now-2h'],
    ['since 09:30', at(22, 9, 30)],
    ['since yesterday', at(21)],
    ['today', at(22)],
    ['all', 'all'],
  ])('"%s" lasts until now', (text, from) => expect(utc(text)).toEqual({ from, to: 'now' }));

  it.each([
    ['yesterday', at(21), at(22)],
    ['2026-11-20', at(20), at(21)],
    ['friday', at(20), at(21)],
    ['yesterday 14:00-15:00', at(21, 14), at(21, 15)],
    ['yesterday 14:00 – 15:30', at(21, 14), at(21, 15, 30)],
    ['14:00-15:00', at(22, 14), at(22, 15)],
    ['yesterday 23:30 to 00:30', at(21, 23, 30), at(22, 0, 30)],
    ['2026-11-20 14:00-15:00', at(20, 14), at(20, 15)],
    ['2026-11-20T14:00:00Z/2026-11-20T15:00:00Z', at(20, 14), at(20, 15)],
    ['2026-11-20 14:00 to 2026-11-21 15:00', at(20, 14), at(21, 15)],
    ['from 2026-11-20 to 2026-11-21', at(20), at(22)],
    ['2 hours ago to 1 hour ago', 'now-2h', 'now-1h'],
    ['now-2h to now-1h', 'now-2h', 'now-1h'],
    ['1763805600 .. 1763809200', '1763805600000', '1763809200000'],
  ])('"%s" has two ends', (text, from, to) => expect(utc(text)).toEqual({ from, to }));

  it.each([
    ['1763805600', 1763805600000],
    ['1763805600.25', 1763805600250],
    ['1763805600123', 1763805600123],
    ['1763805600123456', 1763805600123],
    ['1763805600123456789', 1763805600123],
    ['2026-11-22T11:15:03.412Z', NOW],
    ['2026-11-22T12:15:03.412+01:00', NOW],
    ['2026-11-22 05:45:03.412 -0530', NOW],
    ['at 09:30', Number(at(22, 9, 30))],
  ])('"%s" is a moment, shown with what is around it', (text, millis) => expect(utc(text)).toEqual(around(millis)));

  it.each(['', '   ', 'soon', 'last', 'last 0m', '5 apples', '2026-02-30', '25:00', '10:75', 'yesterday 14:00-', '15:00 to 14:00 to 13:00', '2026-11-22 to 2026-11-20', 'now to now-1h'])('"%s" is none', (text) =>
    expect(utc(text)).toBeNull(),
  );

  it('means local time where that is shown', () => {
    const start = new Date(2026, 10, 21, 14, 0).getTime();
    expect(parseRange('yesterday 14:00-15:00', new Date(2026, 10, 22, 11).getTime(), false)).toEqual({ from: String(start), to: String(start + 3_600_000) });
  });

  it('reads back every label of a fixed range and preset', () => {
    for (const preset of PRESETS) expect(parseRange(preset.label, NOW, true)).toMatchObject({ from: preset.from === 'now-24h' ? 'now-24h' : preset.from });
    const range = { from: at(20, 14), to: at(21, 15, 30) };
    expect(utc(rangeLabel(range, true))).toEqual(range);
  });
});

describe('one end of a range', () => {
  it.each([
    ['now', 'now'],
    ['now-5m', 'now-5m'],
    ['5m ago', 'now-5m'],
    ['2026-11-22 09:30', at(22, 9, 30)],
    ['yesterday', at(21)],
    ['nonsense', null],
  ])('"%s"', (text, point) => expect(parsePoint(text, NOW, true)).toBe(point));
});
