// Time to pixels and back, and how the window of time moves. Offsets are whole nanoseconds below 2^53, so differences are exact even in traces of days.
import { axisTicks, formatOffset } from '../../../format/duration';
import type { Zoom } from '../traceUrl';

export interface TimeScale {
  from: number;
  to: number;
  /** Pixel of `from`. */
  left: number;
  width: number;
}

/** Nothing narrower than this is worth looking at, and tick labels stay apart. */
export const MIN_WINDOW_NANOS = 20;
/** Pixels beyond the canvas are as good as just outside; huge coordinates make rasterisers slow or wrong. */
const OUTSIDE = 16;

export function toPixel(scale: TimeScale, nanos: number): number {
  const x = scale.left + ((nanos - scale.from) / (scale.to - scale.from)) * scale.width;
  return Math.min(scale.left + scale.width + OUTSIDE, Math.max(scale.left - OUTSIDE, x));
}

export function toNanos(scale: TimeScale, pixel: number): number {
  return scale.from + ((pixel - scale.left) / scale.width) * (scale.to - scale.from);
}

/** The whole trace as a window; one of no length gets some, so that things have a place. */
export function wholeWindow(from: number, to: number): Zoom {
  return to - from >= MIN_WINDOW_NANOS ? { fromNanos: from, toNanos: to } : { fromNanos: from, toNanos: from + MIN_WINDOW_NANOS };
}

/** A window kept inside the whole and wide enough; null when it is the whole. */
export function clampWindow(wanted: Zoom, whole: Zoom): Zoom | null {
  const length = whole.toNanos - whole.fromNanos;
  const width = Math.min(length, Math.max(MIN_WINDOW_NANOS, Math.round(wanted.toNanos - wanted.fromNanos)));
  if (!(width < length)) return null;
  // One too narrow grows around its middle.
  const middle = (wanted.fromNanos + wanted.toNanos) / 2;
  const fromNanos = Math.round(Math.min(whole.toNanos - width, Math.max(whole.fromNanos, middle - width / 2)));
  return { fromNanos, toNanos: fromNanos + width };
}

/** The window `factor` times as wide, with the time at `pivot` where it was. */
export function zoomAt(now: Zoom, pivot: number, factor: number, whole: Zoom): Zoom | null {
  const width = now.toNanos - now.fromNanos;
  const next = Math.max(MIN_WINDOW_NANOS, width * factor);
  const share = Math.min(1, Math.max(0, (pivot - now.fromNanos) / width));
  const fromNanos = pivot - share * next;
  return clampWindow({ fromNanos, toNanos: fromNanos + next }, whole);
}

export function panBy(now: Zoom, nanos: number, whole: Zoom): Zoom | null {
  const width = now.toNanos - now.fromNanos;
  const fromNanos = Math.min(whole.toNanos - width, Math.max(whole.fromNanos, now.fromNanos + nanos));
  return clampWindow({ fromNanos, toNanos: fromNanos + width }, whole);
}

/** The window around a span with a little air; of an instant, around it. */
export function windowAround(start: number, end: number, whole: Zoom): Zoom | null {
  const air = (end - start) * 0.05 || (whole.toNanos - whole.fromNanos) / 1000;
  return clampWindow({ fromNanos: start - air, toNanos: end + air }, whole);
}

export interface TimeAxis {
  /** What the labels count from when the window is far narrower than its offset: "at +2d 3h"; null when they count from the trace's start. */
  anchor: string | null;
  ticks: { nanos: number; label: string }[];
}

/** Beyond this many window widths from the start, absolute labels would differ only in their last digits. */
const FAR = 500;

export function timeAxis(scale: TimeScale, traceFrom: number, tickPixels = 110): TimeAxis {
  const wanted = Math.max(2, Math.floor(scale.width / tickPixels));
  const from = scale.from - traceFrom;
  const to = scale.to - traceFrom;
  const isFar = Math.abs(from) > (to - from) * FAR;
  const base = isFar ? scale.from : traceFrom;
  const ticks = axisTicks(scale.from - base, scale.to - base, wanted).map((tick) => ({ nanos: base + tick.nanos, label: isFar && tick.nanos > 0 ? `+${tick.label}` : tick.label }));
  if (isFar && ticks[0]?.nanos === base) ticks.shift();
  return { anchor: isFar ? formatOffset(from) : null, ticks };
}
