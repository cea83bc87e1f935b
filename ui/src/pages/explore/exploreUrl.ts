// What the list of traces is asked for, and how the address says it: the parameters are the API's own, so a link reads like the request.
import type { Parameters } from '../../api/client';
import type { TimeRange } from '../../time/range';
import type { UrlCodec } from '../../url/useUrlState';

export interface TraceFilters {
  /** '' asks for spans without a service name; null for any. */
  service: string | null;
  operation: string | null;
  status: string | null;
  kind: string | null;
  /** As written: "500ms". */
  minDuration: string | null;
  maxDuration: string | null;
  /** "key=value", each once. */
  attributes: readonly string[];
}

export interface ExploreState {
  filters: TraceFilters;
  range: TimeRange;
  /** New traces appear by themselves. */
  live: boolean;
}

export const SINGLE_FIELDS = ['service', 'operation', 'status', 'kind', 'minDuration', 'maxDuration'] as const;
export type SingleField = (typeof SINGLE_FIELDS)[number];

export const NO_FILTERS: TraceFilters = { service: null, operation: null, status: null, kind: null, minDuration: null, maxDuration: null, attributes: [] };
export const DEFAULT_RANGE: TimeRange = { from: 'now-1h', to: 'now' };

export const exploreUrl: UrlCodec<ExploreState> = {
  parse(query) {
    const filters: TraceFilters = { ...NO_FILTERS, attributes: [...new Set(query.getAll('attribute'))] };
    for (const field of SINGLE_FIELDS) filters[field] = query.get(field);
    return {
      filters,
      range: { from: query.get('from') ?? DEFAULT_RANGE.from, to: query.get('to') ?? DEFAULT_RANGE.to },
      live: query.get('live') !== '0',
    };
  },
  print({ filters, range, live }) {
    const query = new URLSearchParams();
    for (const field of SINGLE_FIELDS) {
      const value = filters[field];
      if (value !== null) query.set(field, value);
    }
    for (const attribute of filters.attributes) query.append('attribute', attribute);
    if (range.from !== DEFAULT_RANGE.from) query.set('from', range.from);
    if (range.to !== DEFAULT_RANGE.to) query.set('to', range.to);
    if (!live) query.set('live', '0');
    return query;
  },
};

/** The same, as the API takes it. An open end is left out, which also shows spans whose sender's clock is ahead. */
export function apiParameters(filters: TraceFilters, range: TimeRange): Parameters {
  const { attributes, ...singles } = filters;
  return {
    ...singles,
    attribute: attributes,
    from: range.from === 'all' ? null : range.from,
    to: range.to === 'now' || range.to === 'all' ? null : range.to,
  };
}

export function hasFilters(filters: TraceFilters): boolean {
  return filters.attributes.length > 0 || SINGLE_FIELDS.some((field) => filters[field] !== null);
}

/** Whether new traces can still fall into the range. */
export function isOpenEnded(range: TimeRange): boolean {
  return range.to === 'now' || range.to === 'all' || range.from === 'all';
}
