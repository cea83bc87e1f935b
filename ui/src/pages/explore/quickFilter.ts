// Filters typed in one line: `service:shop error >500ms http.route=/checkout`. Becomes chips; says what it can't read.
import { SPAN_KINDS, SPAN_STATUSES, type AttributeKeys } from '../../api/types';
import { formatPlural } from '../../format/count';
import { FIELD_LABELS, normalise, problemOf, type Field, type FilterPart } from './filters';

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

export interface Word {
  text: string;
  /** What stands before the first quote: only there are signs more than letters. The whole text without quotes. */
  plain: string;
  isQuoted: boolean;
}

/** Words parted by blanks; double quotes hold blanks together, a backslash takes a quote by its word. Null when a quote is not closed. */
export function wordsOf(text: string): Word[] | null {
  const words: Word[] = [];
  let word = '';
  let plain: string | null = null;
  let quoted = false;
  const end = () => {
    if (word !== '' || plain !== null) words.push({ text: word, plain: plain ?? word, isQuoted: plain !== null });
    word = '';
    plain = null;
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (c === '\\' && (text[i + 1] === '"' || text[i + 1] === '\\')) word += text[++i];
    else if (c === '"') {
      quoted = !quoted;
      plain ??= word;
    } else if (/\s/.test(c) && !quoted) end();
    else word += c;
  }
  end();
  return quoted ? null : joined(words);
}

/** "a = b", "a= b", "service: b" and "> 500 ms" are written as often as without blanks. */
function joined(words: readonly Word[]): Word[] {
  const found: Word[] = [];
  for (const word of words) {
    const last = found.at(-1);
    if (last && !last.isQuoted && belongTogether(last.text, word)) found[found.length - 1] = { text: last.text + word.text, plain: last.text + word.plain, isQuoted: word.isQuoted };
    else found.push(word);
  }
  return found;
}

function belongTogether(before: string, { plain }: Word): boolean {
  if (/[\w.\-](?:[=<>]=?|[!=]~|!=)$|^[<>]=?$|^(?:service|operation|name|status|kind|duration):$/i.test(before)) return true;
  if (/^(?:ns|us|µs|μs|ms|s|m|h|d|w)$/.test(plain)) return /[<>]=?[\d.]+$/.test(before);
  return /^[\w.\-]+$/.test(before) && (/^(?:=|!=|!~)/.test(plain) || (/^[<>]/.test(plain) && /[._]|^duration$/i.test(before)));
}

/** The line that reads as these parts: the inverse of {@link parseQuick}. */
export function printQuick(parts: readonly FilterPart[]): string {
  return parts.map(printPart).join(' ');
}

function printPart({ field, value }: FilterPart): string {
  if (field === 'attribute') return /^[A-Za-z_][\w.\-]*=[\w./:@%+,\-]+$/.test(value) ? value : quoted(value);
  if (field === 'minDuration') return `>${value}`;
  if (field === 'maxDuration') return `<${value}`;
  return `${field}:${/^[\w./@\-]+$/.test(value) ? value : quoted(value)}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

export function parseQuick(text: string): QuickFilter {
  const traceId = traceIdOf(text.trim());
  if (traceId) return { parts: [], problem: null, traceId };
  const words = wordsOf(text);
  if (words === null) return { parts: [], problem: 'A quote is not closed: write "a b" for words with blanks, \\" for a quote itself.', traceId: null };
  const parts: FilterPart[] = [];
  let problem: string | null = null;
  for (const word of words) {
    const found = parseWord(word);
    if (found === null) continue;
    const wrong = 'problem' in found ? found.problem : (problemOf(found) ?? twice(found, parts));
    if (wrong) problem ??= wrong;
    else if ('field' in found) parts.push(normalise(found));
  }
  return { parts, problem, traceId: null };
}

/** The list is asked for one service, one name and so on: the second of a kind would silently take the first one's place. */
function twice(part: FilterPart, before: readonly FilterPart[]): string | null {
  const other = before.find((one) => one.field === part.field);
  return other && part.field !== 'attribute' && other.value !== part.value ? `Only one ${FIELD_LABELS[part.field]} can be asked for at a time: “${other.value}” or “${part.value}”.` : null;
}

/** What other query languages have and this line has not, each with what to write instead. */
function foreign(word: string): string | null {
  if (/^(or|\|\|)$/i.test(word)) return 'All filters must hold together: there is no “or”. Search for one, then for the other.';
  if (/^not$/i.test(word) || /^[!-]/.test(word)) return `“${word}” would leave something out, which this list cannot do yet: it finds what is there.`;
  if (/^[^=:"]+!=/.test(word) || /^[^=:"]+!~/.test(word)) return `“${word}” would leave something out, which this list cannot do yet. It finds what equals a value: ${word.replace(/!=|!~/, '=')}.`;
  if (/^[^=:"]+=~/.test(word)) return `“${word}” is a pattern; values are compared as a whole. Write ${word.replace('=~', '=')} with the exact value.`;
  if (/^[{(]/.test(word)) return 'Brackets are not read here. Write filters side by side: service:shop error >500ms key=value.';
  if (/^\.[\w.]+[=<>]/.test(word)) return `Attributes are written without the dot in front: ${word.slice(1)}.`;
  if (/^[\w.\-]+[<>]/.test(word) && !/^duration[<>]/i.test(word)) return `“${word}”: attributes can be asked for equality only, key=value. Durations are written >500ms or <2s.`;
  return null;
}

function parseWord({ text: word, plain, isQuoted }: Word): FilterPart | { problem: string } | null {
  if (plain !== '') {
    if (!isQuoted && /^(and|&&)$/i.test(word)) return null;
    const wrong = foreign(plain);
    if (wrong) return { problem: wrong };
    if (/^[^=:]*[=:]'/.test(plain)) return { problem: `“${word}”: only double quotes hold words together, single ones stand for themselves.` };
  }
  if (word === 'error' || word === 'errors') return { field: 'status', value: 'error' };
  const bound = /^(?:duration:?)?([<>])=?(.*)$/is.exec(word);
  if (bound && plain !== '') return { field: bound[1] === '>' ? 'minDuration' : 'maxDuration', value: bound[2]! };
  const vague = /^duration(?::|==?)([^<>].*)$/is.exec(word);
  if (vague) return { problem: `A duration needs a direction: >${vague[1]} for at least, <${vague[1]} for at most.` };
  const named = /^([a-z]+):(.*)$/is.exec(word);
  const field = named && FIELDS[named[1]!.toLowerCase()];
  if (field) return valueOf(field, named![2]!, isQuoted);
  return parseEquation(word, plain, isQuoted) ?? { problem: unread(word) };
}

/** "key=value", and "status=error" as people write it too: service=shop can't be meant as an attribute, for there is service.name. */
function parseEquation(word: string, plain: string, isQuoted: boolean): FilterPart | { problem: string } | null {
  const equals = word.indexOf('=');
  if (equals === 0) return { problem: `“${word}” has no key before the equals sign.` };
  if (equals < 0) return null;
  const key = word.slice(0, equals);
  // "==" is "=" to those who program; within quotes it is meant.
  const from = plain.startsWith(`${key}==`) ? equals + 2 : equals + 1;
  const value = word.slice(from);
  const field = FIELDS[key.toLowerCase()];
  if (field) return valueOf(field, value, isQuoted);
  if (value === '' && !isQuoted) return { problem: `“${word}” has no value after the equals sign.` };
  return { field: 'attribute', value: `${key}=${value}` };
}

function unread(word: string): string {
  if (/^\d[\d.]*(?:ns|us|µs|μs|ms|s|m|h|d|w)?$/.test(word)) return `“${word}” is not a filter. Write >${word} for spans at least that long, <${word} for shorter ones.`;
  const colon = /^([\w.\-]+):(.+)$/s.exec(word);
  if (colon) return `“${colon[1]}” is none of service, operation, status and kind. For an attribute write ${colon[1]}=${colon[2]}.`;
  return `“${word}” is not a filter. Write service:${word}, key=${word}, >500ms or error.`;
}

function valueOf(field: Field, value: string, isQuoted: boolean): FilterPart | { problem: string } {
  if (value === '' && !isQuoted) return { problem: field === 'service' ? 'Which service? service:"" finds spans without one.' : `A value is missing after ${FIELD_LABELS[field]}.` };
  const bound = field === 'minDuration' ? /^([<>])=?(.*)$/s.exec(value) : null;
  if (bound) return { field: bound[1] === '>' ? 'minDuration' : 'maxDuration', value: bound[2]! };
  return { field, value: field === 'status' || field === 'kind' ? value.toLowerCase() : value };
}

function traceIdOf(text: string): string | null {
  const named = /^(?:trace|traceid|trace_id|trace\.id)\s*[:=]\s*"?([0-9a-f]{32})"?$/i.exec(text);
  if (named) return named[1]!.toLowerCase();
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
    for (const value of matching([...counts.keys()], typed.slice(equals + 1))) add(printPart({ field: 'attribute', value: `${key}=${value}` }), formatPlural(counts.get(value)!, 'span'));
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
