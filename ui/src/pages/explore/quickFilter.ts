// Filters typed in one line: `service:shop error >500ms http.route=/checkout`. Becomes chips; says what it can't read.
import { SPAN_KINDS, SPAN_STATUSES, type AttributeKeys } from '../../api/types';
import { formatPlural } from '../../format/count';
import { normalise, problemOf, type Field, type FilterPart } from './filters';

export interface QuickFilter {
  parts: FilterPart[];
  /** The first word that could not be read, in a sentence. */
  problem: string | null;
  /** A pasted trace id or traceparent: there is nothing to filter, only to open. */
  traceId: string | null;
}

const FIELDS: Record<string, Field> = {
  service: 'service',
  operation: 'operation',
  name: 'operation',
  status: 'status',
  kind: 'kind',
  duration: 'minDuration',
  mindur: 'minDuration',
  minduration: 'minDuration',
  maxduration: 'maxDuration',
};

/** Words parted by blanks; double quotes hold blanks together, a backslash takes a quote by its word. */
export function wordsOf(text: string): string[] {
  const words: string[] = [];
  let word = '';
  let started = false;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '\\' && (text[i + 1] === '"' || text[i + 1] === '\\')) {
      word += text[++i];
      started = true;
    } else if (c === '"') {
      quoted = !quoted;
      started = true;
    } else if (/\s/.test(c) && !quoted) {
      if (started) words.push(word);
      word = '';
      started = false;
    } else {
      word += c;
      started = true;
    }
  }
  if (started) words.push(word);
  return words;
}

/** The line that reads as these parts: the inverse of {@link parseQuick}. */
export function printQuick(parts: readonly FilterPart[]): string {
  return parts.map(printPart).join(' ');
}

function printPart({ field, value }: FilterPart): string {
  if (field === 'attribute') return quoted(value);
  if (field === 'minDuration') return `>${value}`;
  if (field === 'maxDuration') return `<${value}`;
  return `${field}:${quoted(value)}`;
}

function quoted(text: string): string {
  return text === '' || /[\s"\\]/.test(text) ? `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : text;
}

export function parseQuick(text: string): QuickFilter {
  const traceId = traceIdOf(text.trim());
  if (traceId) return { parts: [], problem: null, traceId };
  const parts: FilterPart[] = [];
  let problem: string | null = null;
  // "> 500 ms" is written as often as ">500ms".
  for (const word of wordsOf(text.replaceAll(/([<>]=?)\s*(\d[\d.]*)\s*(?=(?:ns|us|µs|μs|ms|s|m|h|d|w)\b)/g, '$1$2').replaceAll(/([<>]=?)\s+(?=\d)/g, '$1'))) {
    const found = parseWord(word);
    const wrong = 'field' in found ? problemOf(found) : found.problem;
    if (wrong) problem ??= wrong;
    else if ('field' in found) parts.push(normalise(found));
  }
  return { parts, problem, traceId: null };
}

function parseWord(word: string): FilterPart | { problem: string } {
  if (word === 'error' || word === 'errors') return { field: 'status', value: 'error' };
  const bound = /^([<>])=?(.*)$/s.exec(word);
  if (bound) return { field: bound[1] === '>' ? 'minDuration' : 'maxDuration', value: bound[2]! };
  const named = /^([a-z]+):(.*)$/is.exec(word);
  const field = named && FIELDS[named[1]!.toLowerCase()];
  if (field) return valueOf(field, named![2]!);
  const equals = word.indexOf('=');
  if (equals === 0) return { problem: `“${word}” has no key before the equals sign.` };
  if (equals > 0) {
    // People write status=error too; service=shop can't be meant as an attribute, for there is service.name.
    const plain = FIELDS[word.slice(0, equals).toLowerCase()];
    return plain ? valueOf(plain, word.slice(equals + 1)) : { field: 'attribute', value: word };
  }
  return { problem: `“${word}” is not a filter. Write service:${word}, key=${word}, >500ms or error.` };
}

function valueOf(field: Field, value: string): FilterPart {
  const bound = field === 'minDuration' ? /^([<>])=?(.*)$/s.exec(value) : null;
  if (bound) return { field: bound[1] === '>' ? 'minDuration' : 'maxDuration', value: bound[2]! };
  return { field, value: field === 'status' || field === 'kind' ? value.toLowerCase() : value };
}

function traceIdOf(text: string): string | null {
  const parent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/i.exec(text);
  const id = parent?.[1] ?? (/^[0-9a-f]{32}$/i.test(text) ? text : null);
  return id ? id.toLowerCase() : null;
}

export interface Named {
  name: string;
  spanCount: number;
}

export interface Vocabulary {
  services: readonly Named[];
  operations: readonly Named[];
  attributes: AttributeKeys['keys'];
}

export interface Suggestion {
  /** The whole line once it is taken. */
  line: string;
  /** What is offered: the last word only. */
  word: string;
  detail: string;
  /** More is to be written: a key waits for its value. */
  isOpen: boolean;
}

const MAX_SUGGESTIONS = 12;

/** What the last word of the line may become. */
export function suggest(line: string, { services, operations, attributes }: Vocabulary): Suggestion[] {
  const start = lastWordStart(line);
  const typed = line.slice(start).replaceAll('"', '');
  const found: Suggestion[] = [];
  const add = (word: string, detail: string, isOpen = false) => {
    if (found.length < MAX_SUGGESTIONS && word !== line.slice(start)) found.push({ line: line.slice(0, start) + word, word, detail, isOpen });
  };
  const colon = /^(service|operation|status|kind):(.*)$/is.exec(typed);
  if (colon) {
    const field = colon[1]!.toLowerCase() as Field;
    const named = field === 'service' ? services : field === 'operation' ? operations : [];
    const values: readonly string[] = field === 'status' ? SPAN_STATUSES : field === 'kind' ? SPAN_KINDS : named.map((one) => one.name);
    for (const value of matching(values, colon[2]!)) add(printPart({ field, value }), spans(named, value));
    return found;
  }
  const equals = typed.indexOf('=');
  if (equals > 0) {
    const key = typed.slice(0, equals);
    const values = attributes.find((one) => one.key === key)?.values ?? [];
    const counts = new Map(values.map((v) => [v.value, v.spanCount]));
    for (const value of matching([...counts.keys()], typed.slice(equals + 1))) add(quoted(`${key}=${value}`), formatPlural(counts.get(value)!, 'span'));
    return found;
  }
  if (typed === '') {
    for (const field of ['service', 'operation', 'status', 'kind']) add(`${field}:`, '', true);
    add('>', 'at least this long, like >500ms', true);
    add('<', 'at most this long', true);
    add('error', 'status is error');
    return found;
  }
  if (/^[<>]/.test(typed)) return found;
  for (const field of ['service', 'operation', 'status', 'kind']) if (field.startsWith(typed.toLowerCase())) add(`${field}:`, '', true);
  if ('error'.startsWith(typed.toLowerCase())) add('error', 'status is error');
  for (const [field, named] of [['service', services], ['operation', operations]] as const) {
    for (const value of matching(named.map((one) => one.name), typed).slice(0, 4)) add(printPart({ field, value }), spans(named, value));
  }
  const counts = new Map(attributes.map((one) => [one.key, one.spanCount]));
  for (const key of matching([...counts.keys()], typed)) add(`${key}=`, formatPlural(counts.get(key)!, 'span'), true);
  return found;
}

function spans(named: readonly Named[], name: string): string {
  const found = named.find((one) => one.name === name);
  return found ? formatPlural(found.spanCount, 'span') : '';
}

/** Those that begin with the text first, then those that contain it. */
export function matching(values: readonly string[], text: string): string[] {
  const wanted = text.toLowerCase();
  const first: string[] = [];
  const second: string[] = [];
  for (const value of values) {
    const at = value.toLowerCase().indexOf(wanted);
    if (at === 0) first.push(value);
    else if (at > 0) second.push(value);
  }
  return [...first, ...second];
}

function lastWordStart(line: string): number {
  let start = 0;
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    if (line[i] === '"' && line[i - 1] !== '\\') quoted = !quoted;
    else if (/\s/.test(line[i]!) && !quoted) start = i + 1;
  }
  return start;
}
