// The time range of a page: what the address carries, what it means now, and how it moves.
import { formatMillis } from '../format/time';

/** `from`: "now-1h", epoch milliseconds, or "all". `to`: "now", "now-5m" or epoch milliseconds. */
export interface TimeRange {
  from: string;
  to: string;
}

/** null: open, with no bound on that side. */
export interface ResolvedRange {
  fromMillis: number | null;
  toMillis: number | null;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNIT_MILLIS: Record<string, number> = { s: 1000, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };

export const ALL_TIME: TimeRange = { from: 'all', to: 'now' };
export const PRESETS: readonly { from: string; label: string; short: string }[] = [
  { from: 'now-5m', label: 'Last 5 minutes', short: '5m' },
  { from: 'now-15m', label: 'Last 15 minutes', short: '15m' },
  { from: 'now-1h', label: 'Last hour', short: '1h' },
  { from: 'now-6h', label: 'Last 6 hours', short: '6h' },
  { from: 'now-24h', label: 'Last 24 hours', short: '24h' },
  { from: 'now-7d', label: 'Last 7 days', short: '7d' },
  { from: 'all', label: 'All time', short: 'all' },
];

/** A point of a range as milliseconds; null for "all" and for what is not a point. */
export function resolvePoint(point: string, nowMillis: number): number | null {
  if (point === 'now') return nowMillis;
  const relative = /^now-(\d{1,9})([smhdw])$/.exec(point);
  if (relative) return Math.max(0, nowMillis - Number(relative[1]) * UNIT_MILLIS[relative[2]!]!);
  return /^\d{1,15}$/.test(point) ? Number(point) : null;
}

export function isPoint(text: string): boolean {
  return text === 'all' || resolvePoint(text, 0) !== null;
}

/** "now" as an end is open: what starts a moment later than the clock here says belongs to it. */
export function resolveRange(range: TimeRange, nowMillis: number): ResolvedRange {
  return { fromMillis: resolvePoint(range.from, nowMillis), toMillis: range.to === 'now' || range.to === 'all' ? null : resolvePoint(range.to, nowMillis) };
}

/** Whether the range moves with the clock. */
export function isRelative(range: TimeRange): boolean {
  return range.from.startsWith('now') || range.to.startsWith('now');
}

/** Fixed at what it means now, so that a shared link shows the same to others. An open start stays open. */
export function pinRange(range: TimeRange, nowMillis: number): TimeRange {
  const from = resolvePoint(range.from, nowMillis);
  return { from: from === null ? 'all' : String(from), to: String(resolvePoint(range.to, nowMillis) ?? nowMillis) };
}

/** One whole length back (−1) or forward (+1); never beyond now. Null where it cannot move. */
export function shiftRange(range: TimeRange, direction: -1 | 1, nowMillis: number): TimeRange | null {
  const from = resolvePoint(range.from, nowMillis);
  const to = resolvePoint(range.to, nowMillis) ?? nowMillis;
  if (from === null || to <= from) return null;
  const length = to - from;
  if (direction < 0) return from === 0 ? null : { from: String(Math.max(0, from - length)), to: String(from) };
  if (to >= nowMillis) return null;
  return to + length >= nowMillis ? { from: String(nowMillis - length), to: String(nowMillis) } : { from: String(to), to: String(to + length) };
}

/** Twice as long around the same middle; a range that follows the clock keeps doing so. Null where there is nothing wider. */
export function zoomOut(range: TimeRange, nowMillis: number): TimeRange | null {
  const from = resolvePoint(range.from, nowMillis);
  const to = resolvePoint(range.to, nowMillis) ?? nowMillis;
  if (from === null) return null;
  const length = Math.max(1000, to - from);
  if (range.to === 'now') return { from: `now-${printLength(length * 2)}`, to: 'now' };
  const end = Math.min(nowMillis, to + length / 2);
  return { from: String(Math.max(0, Math.round(end - length * 2))), to: String(Math.round(end)) };
}

/** 5400000 → "90m": the largest unit that divides it. */
export function printLength(millis: number): string {
  const seconds = Math.max(1, Math.round(millis / 1000));
  for (const [unit, size] of [['d', 86_400], ['h', 3_600], ['m', 60]] as const) {
    // Up to two days stay in hours, as the presets have them.
    if (seconds % size === 0 && (unit !== 'd' || seconds > 2 * size)) return `${seconds / size}${unit}`;
  }
  return `${seconds}s`;
}

const UNIT_WORDS: Record<string, string> = { s: 'second', m: 'minute', h: 'hour', d: 'day', w: 'week' };

/** "Last 15 minutes", "All time", "2026-11-22 11:15 – 12:15". */
export function rangeLabel(range: TimeRange, utc = false): string {
  if (range.from === 'all' && (range.to === 'now' || range.to === 'all')) return 'All time';
  const relative = /^now-(\d+)([smhdw])$/.exec(range.from);
  if (relative && range.to === 'now') {
    const unit = UNIT_WORDS[relative[2]!]!;
    return relative[1] === '1' ? `Last ${unit}` : `Last ${relative[1]} ${unit}s`;
  }
  if (range.from === 'all') return `Until ${pointLabel(range.to, utc)}`;
  const from = pointLabel(range.from, utc);
  const to = pointLabel(range.to, utc);
  const sameDay = /^\d/.test(from) && from.slice(0, 10) === to.slice(0, 10);
  return `${from} – ${sameDay ? to.slice(11) : to}`;
}

/** "now", "15m ago", or a date and time without needless digits. */
export function pointLabel(point: string, utc = false): string {
  if (point === 'now') return 'now';
  if (point.startsWith('now-')) return `${point.slice(4)} ago`;
  const millis = resolvePoint(point, 0);
  if (millis === null) return point;
  const text = formatMillis(millis, utc);
  return millis % MINUTE === 0 ? text.slice(0, 16) : millis % 1000 === 0 ? text.slice(0, 19) : text;
}
