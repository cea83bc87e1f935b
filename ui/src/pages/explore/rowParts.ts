// What a line of the list says, worked out apart from how it is drawn.
import type { Oddity, RootDurations, TraceItem } from '../../api/types';
import { formatCount, formatPercent, formatPlural } from '../../format/count';
import { formatDuration } from '../../format/duration';
import { formatTimestamp, toMillis, zoneLabel } from '../../format/time';

/** Where the p99 stands on the bar: what is beyond it still has room to be seen. */
export const P99_AT = 0.75;

export interface DurationBar {
  /** Of the bar's width, 0 to 1. */
  fill: number;
  isLong: boolean;
  /** "1.6× p99"; empty unless it is long. */
  note: string;
  title: string;
}

/** A duration against what is usual for its root operation; null when nothing is known of it. */
export function durationBar(nanos: number, usual: RootDurations | undefined): DurationBar | null {
  const p99 = usual?.p99Nanos;
  if (!usual || !p99 || p99 <= 0) return null;
  const isLong = nanos > p99;
  const times = nanos / p99;
  return {
    fill: Math.min(1, times * P99_AT),
    isLong,
    note: isLong ? `${times < 1.05 ? '>' : times < 10 ? `${times.toFixed(1)}× ` : `${formatCount(times)}× `}p99` : '',
    title: `p99 of the newest ${formatCount(usual.traceCount)}: ${formatDuration(p99)}${usual.p50Nanos === null ? '' : `, half of them took ${formatDuration(usual.p50Nanos)} or less`}`,
  };
}

/** "71%"; never "0%" of something, nor "100%" of not all. */
export function shortPercent(share: number): string {
  return share < 0.01 || (share > 0.99 && share < 1) ? formatPercent(share) : `${Math.round(share * 100)}%`;
}

/** "11:15:03.412", with the date in front when it is another day than today. */
export function startText(nanos: string, nowMillis: number, utc: boolean): { text: string; title: string } {
  const full = formatTimestamp(nanos, utc);
  const today = formatTimestamp(String(BigInt(Math.round(nowMillis)) * 1_000_000n), utc).slice(0, 10);
  const text = full.slice(0, 10) === today ? full.slice(11) : `${full.slice(5, 10)} ${full.slice(11, 19)}`;
  return { text, title: `${full} ${zoneLabel(toMillis(nanos), utc)}` };
}

export const ODDITIES: Record<Oddity, { label: string; title: string; isGrave: boolean }> = {
  partial: { label: 'partial', title: 'Some of its spans could not be read or were left out: what is shown is not all.', isGrave: true },
  rootless: { label: 'no root', title: 'No span without a parent has come: the beginning is missing or still on its way.', isGrave: true },
  orphans: { label: 'orphans', title: 'Some spans name a parent that has not come.', isGrave: true },
  cycles: { label: 'cycle', title: 'Spans name each other as parent; the circle was cut.', isGrave: true },
  sharedIds: { label: 'shared ids', title: 'Several different spans have the same id.', isGrave: false },
  reversedTimes: { label: 'reversed times', title: 'Some spans end before they start.', isGrave: false },
  clockSkew: { label: 'clock skew', title: 'The clocks of its processes disagree; times were brought into line.', isGrave: false },
};

/** "shop 12 spans, payments 3 spans (1 error)", line by line. */
export function servicesTitle(services: TraceItem['services']): string {
  return services
    .map((one) => `${one.name || '(no service)'}: ${formatPlural(one.spanCount, 'span')}${one.errorCount > 0 ? `, ${formatPlural(one.errorCount, 'error')}` : ''}`)
    .join('\n');
}
