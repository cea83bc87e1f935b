// Filters in words, changes to them, and durations as people write them.
import { SPAN_KINDS, SPAN_STATUSES } from '../../api/types';
import { NO_FILTERS, SINGLE_FIELDS, type SingleField, type TraceFilters } from './exploreUrl';

export type Field = SingleField | 'attribute';

export const FIELD_LABELS: Record<Field, string> = {
  service: 'service',
  operation: 'operation',
  status: 'status',
  kind: 'kind',
  minDuration: 'at least',
  maxDuration: 'at most',
  attribute: 'attribute',
};

/** One chip: a filter and its value. For attributes, the value is "key=value". */
export interface FilterPart {
  field: Field;
  value: string;
}

export function partsOf(filters: TraceFilters): FilterPart[] {
  const parts: FilterPart[] = [];
  for (const field of SINGLE_FIELDS) {
    const value = filters[field];
    if (value !== null) parts.push({ field, value });
  }
  for (const value of filters.attributes) parts.push({ field: 'attribute', value });
  return parts;
}

export function withPart(filters: TraceFilters, { field, value }: FilterPart): TraceFilters {
  if (field !== 'attribute') return { ...filters, [field]: value };
  return filters.attributes.includes(value) ? filters : { ...filters, attributes: [...filters.attributes, value] };
}

export function withoutPart(filters: TraceFilters, { field, value }: FilterPart): TraceFilters {
  if (field !== 'attribute') return { ...filters, [field]: null };
  return { ...filters, attributes: filters.attributes.filter((one) => one !== value) };
}

/** Puts one part in the place of another; an attribute keeps its place among its like. */
export function replacePart(filters: TraceFilters, old: FilterPart, part: FilterPart): TraceFilters {
  if (old.field === 'attribute' && part.field === 'attribute') {
    return { ...filters, attributes: [...new Set(filters.attributes.map((one) => (one === old.value ? part.value : one)))] };
  }
  return withPart(withoutPart(filters, old), part);
}

export function filtersOf(parts: readonly FilterPart[]): TraceFilters {
  return parts.reduce(withPart, NO_FILTERS);
}

/** A chip's two halves: "service" and "shop"; of an attribute its key and its value. */
export function labelOf({ field, value }: FilterPart): { label: string; value: string } {
  if (field === 'attribute') {
    const [key, text] = splitAttribute(value);
    return { label: key, value: text === '' ? '(empty)' : text };
  }
  return { label: FIELD_LABELS[field], value: field === 'service' && value === '' ? '(no name)' : value };
}

/** "status = error", "at least 500ms", "http.route = /checkout". */
export function inWords(part: FilterPart): string {
  const { label, value } = labelOf(part);
  return part.field === 'minDuration' || part.field === 'maxDuration' ? `${label} ${value}` : `${label} = ${value}`;
}

/** What the API splits at the first "=". */
export function splitAttribute(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

const UNIT_NANOS: Record<string, number> = { ns: 1, us: 1e3, 'µs': 1e3, 'μs': 1e3, ms: 1e6, s: 1e9, m: 6e10, h: 3.6e12, d: 8.64e13, w: 6.048e14 };
const MAX_NANOS = 2 ** 63;

/** Nanoseconds of "1.5ms" (the server's own forms); null when it is none. */
export function parseDuration(text: string): number | null {
  const found = /^(\d+(?:\.\d+)?|\.\d+)\s*(ns|us|µs|μs|ms|s|m|h|d|w)$/.exec(text.trim());
  if (!found) return /^\d+$/.test(text.trim()) && Number(text) < MAX_NANOS ? Number(text) : null;
  const nanos = Number(found[1]) * UNIT_NANOS[found[2]!]!;
  return nanos < MAX_NANOS ? nanos : null;
}

/** What is wrong with a value, in words; null when nothing is. `filters` are those beside it. */
export function problemOf({ field, value }: FilterPart, filters: TraceFilters = NO_FILTERS): string | null {
  switch (field) {
    case 'minDuration':
    case 'maxDuration': {
      const nanos = parseDuration(value);
      if (nanos === null) return value.trim() === '' ? 'A duration is missing, such as 500ms.' : `“${value}” is not a duration. Write it like 300us, 1.5ms, 2s or 15m.`;
      const other = parseDuration((field === 'minDuration' ? filters.maxDuration : filters.minDuration) ?? '');
      if (other === null) return null;
      if (field === 'minDuration' && nanos > other) return `This is longer than the longest allowed, ${filters.maxDuration}.`;
      if (field === 'maxDuration' && nanos < other) return `This is shorter than the shortest allowed, ${filters.minDuration}.`;
      return null;
    }
    case 'status':
      return (SPAN_STATUSES as readonly string[]).includes(value) ? null : `“${value}” is not a status: it is unset, ok or error.`;
    case 'kind':
      return (SPAN_KINDS as readonly string[]).includes(value) ? null : `“${value}” is not a kind: it is ${SPAN_KINDS.slice(0, -1).join(', ')} or ${SPAN_KINDS[SPAN_KINDS.length - 1]}.`;
    case 'attribute':
      return value.indexOf('=') > 0 ? null : 'The key of the attribute is missing.';
    case 'operation':
      return value === '' ? 'A name is missing.' : null;
    case 'service':
      return null;
  }
}

/** As the server wants it: no blanks within "1.5 ms". */
export function normalise(part: FilterPart): FilterPart {
  return part.field === 'minDuration' || part.field === 'maxDuration' ? { ...part, value: part.value.replaceAll(/\s+/g, '') } : part;
}
