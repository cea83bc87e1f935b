// What the server suggests for an empty result, as a change of the page's state and in words.
import type { Remedies } from '../../api/types';
import { formatPlural } from '../../format/count';
import { ALL_TIME, rangeLabel, type TimeRange } from '../../time/range';
import { SINGLE_FIELDS, type TraceFilters } from './exploreUrl';
import { inWords, withoutPart, type Field } from './filters';

export type Remedy = Remedies['remedies'][number];

/** Null for a remedy this page has no means for. */
export function remedyOf(remedy: Remedy, filters: TraceFilters, range: TimeRange): { filters: TraceFilters; range: TimeRange } | null {
  if (remedy.kind === 'widen') return remedy.from === null ? null : { filters, range: remedy.from === 'all' ? ALL_TIME : { from: remedy.from, to: 'now' } };
  return isField(remedy.parameter) ? { filters: withoutPart(filters, { field: remedy.parameter, value: remedy.value ?? '' }), range } : null;
}

/** "Without status = error: 100+ traces", "Last 24 hours: 31 traces". */
export function remedyLabel(remedy: Remedy): string {
  const what = remedy.kind === 'widen' ? rangeLabel({ from: remedy.from ?? 'all', to: 'now' }) : `Without ${isField(remedy.parameter) ? inWords({ field: remedy.parameter, value: remedy.value ?? '' }) : remedy.parameter}`;
  return `${what}: ${remedy.isMore ? `${remedy.count}+ traces` : formatPlural(remedy.count, 'trace')}`;
}

function isField(parameter: string): parameter is Field {
  return parameter === 'attribute' || (SINGLE_FIELDS as readonly string[]).includes(parameter);
}
