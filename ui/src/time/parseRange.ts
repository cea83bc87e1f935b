// Reads a time range as people write it: "last 90m", "yesterday 14:00-15:00", ISO, epoch seconds to nanoseconds.
import { ALL_TIME, printLength, resolvePoint, type TimeRange } from './range';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Half of what is shown around a single moment. */
export const AROUND_MILLIS = 5 * MINUTE;
const UNITS: Record<string, number> = { s: 1000, m: MINUTE, h: 60 * MINUTE, d: DAY, w: 7 * DAY };
const LENGTH = /^(?:\d+(?:\.\d+)?\s*(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)\s*)+$/;
const LENGTH_PART = /(\d+(?:\.\d+)?)\s*([smhdw])[a-z]*/g;
const CLOCK = String.raw`\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?`;
const CLOCK_RANGE = new RegExp(String.raw`^(?:(.+?)[ t])?(${CLOCK})\s*(?:-|–|to|until)\s*(${CLOCK})$`);
const BETWEEN = /\s+(?:-|–|—|to|until|till)\s+|\s*\.\.+\s*|\s*\/\s*|\s*–\s*/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const MOMENT = new RegExp(String.raw`^(?:(\d{4}-\d{2}-\d{2}|today|yesterday)(?:[ t]\s*))?(${CLOCK})\s*(z|utc|[+-]\d{2}:?\d{2})?$`);
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** A point in time, or the whole of a day. */
interface Span {
  from: number;
  to: number;
}

/** Null when the text says no range. */
export function parseRange(text: string, nowMillis: number, utc: boolean): TimeRange | null {
  const plain = text.trim().toLowerCase().replace(/\s+/g, ' ');
  if (plain === '') return null;
  if (/^(all|all time|ever|everything)$/.test(plain)) return ALL_TIME;
  const last = /^(?:the )?(?:last|past) (.+)$/.exec(plain);
  const length = parseLength(last?.[1] ?? plain);
  if (length !== null) return { from: `now-${printLength(length)}`, to: 'now' };
  const since = /^(?:since|from|after) (.+)$/.exec(plain);
  if (since && !BETWEEN.test(since[1]!)) {
    const point = parsePoint(since[1]!, nowMillis, utc);
    return point === null ? null : { from: point, to: 'now' };
  }
  const clocks = CLOCK_RANGE.exec(plain);
  if (clocks) return clockRange(clocks[1] ?? 'today', clocks[2]!, clocks[3]!, nowMillis, utc);
  const ends = plain.replace(/^(?:from|between) /, '').split(BETWEEN);
  if (ends.length === 2) return between(ends[0]!, ends[1]!, nowMillis, utc);
  const span = parseSpan(plain.replace(/^(?:on|around|at) /, ''), nowMillis, utc);
  if (!span) return null;
  if (span.to > span.from) return { from: String(span.from), to: span.to > nowMillis && span.from <= nowMillis ? 'now' : String(span.to) };
  return { from: String(Math.max(0, span.from - AROUND_MILLIS)), to: String(span.from + AROUND_MILLIS) };
}

/** One end of a range as the address carries it: "now", "now-5m" or epoch milliseconds; of a day its start. */
export function parsePoint(text: string, nowMillis: number, utc: boolean): string | null {
  const plain = text.trim().toLowerCase().replace(/\s+/g, ' ');
  if (plain.startsWith('now') && resolvePoint(plain, nowMillis) !== null) return plain;
  const ago = /^(.+) ago$/.exec(plain);
  const length = ago ? parseLength(ago[1]!) : null;
  if (length !== null) return `now-${printLength(length)}`;
  const span = parseSpan(plain, nowMillis, utc);
  return span ? String(span.from) : null;
}

/** "90m", "1h 30m", "2 hours", "hour" → milliseconds. */
function parseLength(text: string): number | null {
  const one = /^(second|minute|hour|day|week)$/.exec(text);
  if (one) return UNITS[one[1]![0]!]!;
  if (!LENGTH.test(text)) return null;
  let millis = 0;
  for (const [, count, unit] of text.matchAll(LENGTH_PART)) millis += Number(count) * UNITS[unit!]!;
  return millis >= 1000 && Number.isFinite(millis) ? millis : null;
}

function clockRange(day: string, from: string, to: string, nowMillis: number, utc: boolean): TimeRange | null {
  const start = parseSpan(`${day} ${from}`, nowMillis, utc)?.from;
  let end = parseSpan(`${day} ${to}`, nowMillis, utc)?.from;
  if (start === undefined || end === undefined) return null;
  // "23:30-00:30" ends on the next day.
  if (end <= start) end += DAY;
  return { from: String(start), to: String(end) };
}

function between(left: string, right: string, nowMillis: number, utc: boolean): TimeRange | null {
  const from = parsePoint(left, nowMillis, utc);
  // A day as the end means all of it.
  const day = parseSpan(right, nowMillis, utc);
  const to = day ? String(day.to) : parsePoint(right, nowMillis, utc);
  if (from === null || to === null) return null;
  return (resolvePoint(from, nowMillis) ?? 0) < (resolvePoint(to, nowMillis) ?? nowMillis) ? { from, to } : null;
}

function parseSpan(text: string, nowMillis: number, utc: boolean): Span | null {
  const epoch = parseEpoch(text);
  if (epoch !== null) return { from: epoch, to: epoch };
  const day = parseDay(text, nowMillis, utc);
  if (day) return { from: midnight(day, utc), to: midnight({ ...day, day: day.day + 1 }, utc) };
  const moment = MOMENT.exec(text);
  if (!moment) return null;
  const on = parseDay(moment[1] ?? 'today', nowMillis, utc);
  const clock = parseClock(moment[2]!);
  if (!on || clock === null) return null;
  const zone = moment[3];
  if (zone === undefined) {
    const at = utc ? Date.UTC(on.year, on.month, on.day) + clock : new Date(on.year, on.month, on.day, 0, 0, 0, clock).getTime();
    return { from: at, to: at };
  }
  const digits = zone.replace(':', '');
  const offset = /^[+-]/.test(digits) ? (digits[0] === '-' ? -1 : 1) * (Number(digits.slice(1, 3)) * 60 + Number(digits.slice(3))) : 0;
  const at = Date.UTC(on.year, on.month, on.day) + clock - offset * MINUTE;
  return { from: at, to: at };
}

/** 10 digits are seconds, 13 milliseconds, 16 microseconds, 19 nanoseconds. */
function parseEpoch(text: string): number | null {
  if (!/^\d{10}(\.\d+)?$|^\d{13}$|^\d{16}$|^\d{19}$/.test(text)) return null;
  const digits = text.split('.')[0]!;
  return digits.length === 10 ? Math.round(Number(text) * 1000) : Number(digits.slice(0, 13));
}

interface Day {
  year: number;
  /** 0 is January. */
  month: number;
  day: number;
}

function parseDay(text: string, nowMillis: number, utc: boolean): Day | null {
  const now = new Date(nowMillis);
  const today: Day = utc
    ? { year: now.getUTCFullYear(), month: now.getUTCMonth(), day: now.getUTCDate() }
    : { year: now.getFullYear(), month: now.getMonth(), day: now.getDate() };
  if (text === 'today') return today;
  if (text === 'yesterday') return { ...today, day: today.day - 1 };
  const weekday = WEEKDAYS.indexOf(text);
  if (weekday >= 0) return { ...today, day: today.day - (((utc ? now.getUTCDay() : now.getDay()) - weekday + 7) % 7) };
  const date = DATE.exec(text);
  if (!date) return null;
  const day = { year: Number(date[1]), month: Number(date[2]) - 1, day: Number(date[3]) };
  // 2026-02-30 is no day.
  return new Date(Date.UTC(day.year, day.month, day.day)).getUTCDate() === day.day && day.month < 12 ? day : null;
}

function midnight({ year, month, day }: Day, utc: boolean): number {
  return utc ? Date.UTC(year, month, day) : new Date(year, month, day).getTime();
}

function parseClock(text: string): number | null {
  const [hours, minutes, seconds = '0'] = text.split(':');
  if (Number(hours) > 24 || Number(minutes) > 59 || Number(seconds) >= 60) return null;
  return Math.floor((Number(hours) * 60 + Number(minutes)) * MINUTE + Number(seconds) * 1000);
}
