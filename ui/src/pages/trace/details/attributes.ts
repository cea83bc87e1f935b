// Attributes made readable: grouped by namespace, searched, and each value in the form it is best read in. Pure functions.
import type { AttributeJson, Attributes } from '../../../api/types';

export interface Attribute {
  key: string;
  value: AttributeJson;
}

export interface AttributeGroup {
  /** The namespace, or "" for keys that share theirs with no other. */
  name: string;
  attributes: Attribute[];
}

/** Namespaces of the OpenTelemetry conventions, in the order people look for them. What an application sets of its own comes before all of these. */
const KNOWN = [
  ...['http', 'url', 'user_agent', 'rpc', 'grpc', 'graphql', 'db', 'messaging', 'faas', 'aws', 'gen_ai', 'error', 'exception'],
  ...['peer', 'server', 'client', 'network', 'net', 'tls', 'enduser', 'session', 'user', 'service', 'deployment', 'cloud', 'k8s', 'container', 'host', 'os', 'process'],
  ...['device', 'browser', 'telemetry', 'code', 'thread', 'dotnet', 'aspnetcore', 'jvm', 'otel'],
];
const RANK = new Map(KNOWN.map((name, rank) => [name, rank]));

/** By namespace (what stands before the first dot), the application's own first; keys in alphabetical order. Own keys alone in their namespace stand together. */
export function groupAttributes(attributes: Attributes): AttributeGroup[] {
  const groups = new Map<string, Attribute[]>();
  for (const key of Object.keys(attributes).sort(byText)) {
    const dot = key.indexOf('.');
    const name = dot > 0 ? key.slice(0, dot) : '';
    const group = groups.get(name);
    const attribute = { key, value: attributes[key]! };
    if (group) group.push(attribute);
    else groups.set(name, [attribute]);
  }
  const loose = groups.get('') ?? [];
  for (const [name, group] of groups) {
    if (name === '' || RANK.has(name) || group.length > 1) continue;
    loose.push(...group);
    groups.delete(name);
  }
  loose.sort((a, b) => byText(a.key, b.key));
  if (loose.length > 0) groups.set('', loose);
  const rank = (name: string) => RANK.get(name) ?? (name === '' ? -1 : -2);
  return [...groups].map(([name, list]) => ({ name, attributes: list })).sort((a, b) => rank(a.name) - rank(b.name) || byText(a.name, b.name));
}

/** Groups cut down to what has every word of the text in its key or value; in any case. */
export function searchAttributes(groups: readonly AttributeGroup[], text: string): AttributeGroup[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...groups];
  return groups.flatMap((group) => {
    const attributes = group.attributes.filter(({ key, value }) => {
      const hay = `${key}=${valueText(value)}`.toLowerCase();
      return words.every((word) => hay.includes(word));
    });
    return attributes.length > 0 ? [{ ...group, attributes }] : [];
  });
}

/** A value on one line, as it is copied: text as it is, everything else as JSON. */
export function valueText(value: AttributeJson): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Whether the list of traces can be asked for it: a plain value, and a key without '='. */
export function canFilterBy({ key, value }: Attribute): boolean {
  return !key.includes('=') && value !== null && typeof value !== 'object' && value !== '';
}

export type ValueForm = 'empty' | 'plain' | 'number' | 'json' | 'sql' | 'lines';

export interface ShownValue {
  form: ValueForm;
  /** What to show, with line breaks where they help. */
  text: string;
  /** So much that it is cut until asked for. */
  isLong: boolean;
}

const LONG_TEXT = 240;
const LONG_LINES = 8;
const SQL_KEYS = /(^|\.)(statement|query\.text|query)$/;
const SQL_START = /^\s*(select|insert|update|delete|with|merge|create|alter|drop)\b/i;

/** The form a value is best read in. */
export function showValue({ key, value }: Attribute): ShownValue {
  if (value === '') return { form: 'empty', text: '', isLong: false };
  if (typeof value === 'string') {
    if (SQL_KEYS.test(key) && SQL_START.test(value)) return shown('sql', breakSql(value));
    const json = prettyJson(value);
    if (json !== null) return shown('json', json);
    return shown(value.includes('\n') ? 'lines' : 'plain', value);
  }
  if (value === null || typeof value !== 'object') return shown('number', JSON.stringify(value));
  const line = JSON.stringify(value);
  return shown('json', line.length <= 80 ? spaced(value) : JSON.stringify(value, null, 2));
}

function shown(form: ValueForm, text: string): ShownValue {
  return { form, text, isLong: text.length > LONG_TEXT || text.split('\n', LONG_LINES + 1).length > LONG_LINES };
}

/** Text that is a JSON object or array, indented; null for anything else. */
function prettyJson(text: string): string | null {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed) || !/[\]}]$/.test(trimmed)) return null;
  try {
    const value: unknown = JSON.parse(trimmed);
    // Numbers that JavaScript would round stay as they came.
    if (/\d{16}/.test(trimmed)) return trimmed;
    return trimmed.length <= 80 ? spaced(value) : JSON.stringify(value, null, 2);
  } catch {
    return null;
  }
}

/** JSON on one line with room to read: `["a", "b"]`. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${spaced(inner)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  return JSON.stringify(value);
}

const CLAUSE = 'from|where|group\\s+by|order\\s+by|having|limit|offset|returning|values|set|on\\s+conflict|union|(?:left|right|inner|full|cross)\\s+(?:outer\\s+)?join|join';
/** White space before a clause; not within "left join" and "delete from". */
const BEFORE_CLAUSE = new RegExp(`(?<!\\b(?:left|right|inner|outer|full|cross|delete))\\s+(?=(?:${CLAUSE})\\b)`, 'gi');

/** SQL with a line for each clause. Quoted text and statements that have lines already stay as they are. */
export function breakSql(sql: string): string {
  const text = sql.trim();
  if (text.includes('\n') || text.length <= 60) return text;
  // Even parts are outside quotes. A doubled quote ends one and begins the next.
  return text
    .split(/('[^']*'|"[^"]*"|`[^`]*`)/)
    .map((part, i) => (i % 2 === 0 ? part.replace(BEFORE_CLAUSE, '\n') : part))
    .join('');
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
