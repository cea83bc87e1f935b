// Durations and offsets in words: three significant digits, one unit, a thin no-break space before it.

/** NARROW NO-BREAK SPACE. */
export const THIN = '\u202f';

const US = 1e3;
const MS = 1e6;
const S = 1e9;
const MINUTE = 60 * S;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type DurationUnit = 'ns' | 'µs' | 'ms' | 's' | 'min' | 'h' | 'd';
const UNITS: readonly [DurationUnit, number][] = [
  ['d', DAY],
  ['h', HOUR],
  ['min', MINUTE],
  ['s', S],
  ['ms', MS],
  ['µs', US],
  ['ns', 1],
];

/** "0", "431 ns", "12.3 µs", "412 ms", "1.42 s", "1m 05s", "1h 02m", "2d 3h". */
export function formatDuration(nanos: number): string {
  if (nanos < 0) return `−${formatDuration(-nanos)}`;
  if (nanos === 0) return '0';
  if (nanos < 59.995 * S) {
    for (const [unit, size] of UNITS.slice(3)) {
      // 999.6 ms is shown as 1.00 s, not as 1000 ms.
      const next = unit === 'ns' ? nanos >= 1 : nanos / size >= 0.9995;
      if (next) return `${threeDigits(nanos / size)}${THIN}${unit}`;
    }
    return `${threeDigits(nanos)}${THIN}ns`;
  }
  const seconds = Math.round(nanos / S);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
  const minutes = Math.round(nanos / MINUTE);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h ${two(minutes % 60)}m`;
  const hours = Math.round(nanos / HOUR);
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** "+12.3 ms" after the start. */
export function formatOffset(nanos: number): string {
  return nanos < 0 ? formatDuration(nanos) : `+${formatDuration(nanos)}`;
}

/** Exact, for tooltips and copying: "1,420,331,204 ns". */
export function formatExactNanos(nanos: number): string {
  return `${Math.round(nanos).toLocaleString('en-US')}${THIN}ns`;
}

/** Marks of a time axis: about `wanted` round steps between `from` and `to`, all in one unit. */
export function axisTicks(from: number, to: number, wanted: number): { nanos: number; label: string }[] {
  const span = to - from;
  if (!(span > 0) || wanted < 1) return [];
  const step = roundStep(span / wanted);
  const [unit, size] = UNITS.find(([, s]) => Math.max(Math.abs(from), Math.abs(to)) >= s && isShort(step / s)) ?? ['ns', 1];
  const digits = Math.max(0, Math.min(9, Math.ceil(-Math.log10(step / size) - 1e-9)));
  const ticks: { nanos: number; label: string }[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) {
    const nanos = i * step;
    ticks.push({ nanos, label: nanos === 0 ? '0' : `${(nanos / size).toFixed(digits)}${THIN}${unit}` });
  }
  return ticks;
}

/** Whether few decimals tell it exactly: 10 s are not 0.17 min. */
function isShort(steps: number): boolean {
  const lead = Number(steps.toExponential(6).split('e')[0]);
  return Math.abs(lead * 100 - Math.round(lead * 100)) < 1e-3;
}

/** 1, 2 or 5 times a power of ten below a minute; whole parts of clocks above. */
function roundStep(wanted: number): number {
  if (wanted > 20 * S) {
    const clock = [30 * S, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY];
    const found = clock.find((step) => step >= wanted);
    if (found !== undefined) return found;
  }
  const power = 10 ** Math.floor(Math.log10(wanted));
  const lead = wanted / power;
  return (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return String(Math.round(value));
  if (value >= 9.995) return trim(value.toFixed(1), value);
  return trim(value.toFixed(2), value);
}

/** Whole nanoseconds have no decimals. */
function trim(text: string, value: number): string {
  return Number.isInteger(value) ? String(value) : text;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
