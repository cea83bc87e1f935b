// Durations, counts and times as people read them.
import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatPercent, formatPlural } from './count';
import { axisTicks, formatDuration, formatOffset } from './duration';
import { formatAgo, formatTimestamp, nanosBetween } from './time';

const plain = (text: string) => text.replaceAll('\u202f', ' ');

describe('durations', () => {
  it.each([
    [0, '0'],
    [1, '1 ns'],
    [431, '431 ns'],
    [999, '999 ns'],
    [1_000, '1 µs'],
    [12_345, '12.3 µs'],
    [999_600, '1.00 ms'],
    [412_345_678, '412 ms'],
    [1_420_000_000, '1.42 s'],
    [59_990_000_000, '60.0 s'],
    [60_000_000_000, '1m 00s'],
    [65_000_000_000, '1m 05s'],
    [3_720_000_000_000, '1h 02m'],
    [183_600_000_000_000, '2d 3h'],
    [-1_500_000, '−1.50 ms'],
  ])('%d ns is %s', (nanos, text) => expect(plain(formatDuration(nanos))).toBe(text));

  it('never shows 1000 of a unit', () => {
    for (let nanos = 1; nanos < 1e11; nanos = Math.ceil(nanos * 1.003)) expect(formatDuration(nanos)).not.toMatch(/^1000/);
  });

  it('writes offsets with a sign', () => expect(plain(formatOffset(12_300_000))).toBe('+12.3 ms'));

  it('marks an axis in one unit with round steps', () => {
    expect(axisTicks(0, 2e9, 4).map((t) => plain(t.label))).toEqual(['0', '0.5 s', '1.0 s', '1.5 s', '2.0 s']);
    expect(axisTicks(0, 3e6, 5).map((t) => plain(t.label))).toEqual(['0', '1 ms', '2 ms', '3 ms']);
    expect(axisTicks(5, 5, 4)).toEqual([]);
  });
});

describe('counts', () => {
  it.each([
    [0, '0'],
    [9_999, '9,999'],
    [12_345, '12.3k'],
    [1_234_567, '1.23M'],
    [999_999, '1.00M'],
  ])('%d is %s', (count, text) => expect(formatCount(count)).toBe(text));

  it('knows one from many', () => expect([formatPlural(1, 'span'), formatPlural(2, 'span')]).toEqual(['1 span', '2 spans']));

  it.each([
    [0, '0%'],
    [0.0001, '<0.1%'],
    [0.714, '71.4%'],
    [0.9999, '>99.9%'],
    [1, '100%'],
  ])('share %d is %s', (share, text) => expect(formatPercent(share)).toBe(text));

  it('shows bytes in powers of 1024', () => expect([512, 1536, 5 * 2 ** 30].map((b) => plain(formatBytes(b)))).toEqual(['512 B', '1.5 KiB', '5.0 GiB']));
});

describe('points in time', () => {
  it('keeps nanoseconds exact', () => expect(nanosBetween('1732360503412000001', '1732360503412000004')).toBe(3));
  it('prints UTC', () => expect(formatTimestamp('1732360503412000001', true)).toBe('2024-11-23 11:15:03.412'));
  it('says how long ago', () => expect([500, 3_000, 300_000].map((ms) => formatAgo(0, ms))).toEqual(['now', '3 s ago', '5 min ago']));
});
