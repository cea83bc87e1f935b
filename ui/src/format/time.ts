// Points in time. They come as text of nanoseconds, because a number would round them.
import type { UnixNanosText } from '../api/types';

/** Milliseconds since 1970, cut to a number: good for showing, not for comparing. */
export function toMillis(nanos: UnixNanosText): number {
  return Number(BigInt(nanos) / 1_000_000n);
}

/** Nanoseconds from `a` to `b`, exact up to 104 days. */
export function nanosBetween(a: UnixNanosText, b: UnixNanosText): number {
  return Number(BigInt(b) - BigInt(a));
}

/** "2026-11-22 11:15:03.412" in local time or UTC. */
export function formatTimestamp(nanos: UnixNanosText, utc = false): string {
  return formatMillis(toMillis(nanos), utc);
}

export function formatMillis(millis: number, utc = false): string {
  const at = new Date(millis);
  const shifted = utc ? at : new Date(millis - at.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 23).replace('T', ' ');
}

/** "now", "3 s ago", "5 min ago", "2 h ago", "4 d ago". */
export function formatAgo(fromMillis: number, nowMillis: number): string {
  const seconds = Math.max(0, (nowMillis - fromMillis) / 1000);
  if (seconds < 1) return 'now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** "UTC" or like "UTC+01:00". */
export function zoneLabel(millis: number, utc = false): string {
  const minutes = utc ? 0 : -new Date(millis).getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const absolute = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${String(Math.floor(absolute / 60)).padStart(2, '0')}:${String(absolute % 60).padStart(2, '0')}`;
}

