// The address of the list of traces, asked for what a span carries. Pure.
import type { Attribute } from './attributes';
import { valueText } from './attributes';

const DAY_MS = 24 * 3_600_000;

/** Traces with this attribute: of the last day when the trace at hand is among them, else of a day around it. */
export function exploreByAttribute(attribute: Attribute, traceMillis: number, nowMillis: number): string {
  const query = new URLSearchParams({ attribute: `${attribute.key}=${valueText(attribute.value)}` });
  if (nowMillis - traceMillis < DAY_MS) query.set('from', 'now-24h');
  else {
    query.set('from', String(Math.floor(traceMillis - DAY_MS / 2)));
    query.set('to', String(Math.ceil(traceMillis + DAY_MS / 2)));
  }
  return `/explore?${query}`;
}
