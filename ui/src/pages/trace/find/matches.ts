// Which rows match, and the way from one to the next. Pure.
import type { Matches, TraceModel } from '../model';

/** Rows whose service or span name contains the text, in any case. Names are few: each is compared once, however many spans there are. */
export function matchNames(model: TraceModel, text: string): Matches {
  const wanted = text.trim().toLowerCase();
  const hits = (names: readonly string[]) => Uint8Array.from(names, (name) => (name.toLowerCase().includes(wanted) ? 1 : 0));
  const services = hits(model.layout.services);
  const names = hits(model.layout.names);
  const matches = new Uint8Array(model.count);
  for (let row = 0; row < matches.length; row++) matches[row] = services[model.service[row]!]! | names[model.name[row]!]!;
  return matches;
}

export function matchService(model: TraceModel, service: string): Matches {
  const at = model.layout.services.indexOf(service);
  return Uint8Array.from(model.service, (index) => (index === at ? 1 : 0));
}

/** Adds rows found elsewhere; what lies outside the trace is left out. */
export function addRows(matches: Matches, rows: readonly number[]): Matches {
  const all = matches.slice();
  for (const row of rows) if (row >= 0 && row < all.length) all[row] = 1;
  return all;
}

export function both(a: Matches, b: Matches): Matches {
  return a.map((hit, row) => hit & b[row]!);
}

export interface MatchCount {
  total: number;
  /** Which of them the selected row is, from 1; 0 when it is none. */
  position: number;
}

export function countMatches(matches: Matches, selected: number): MatchCount {
  let total = 0;
  let position = 0;
  for (let row = 0; row < matches.length; row++) {
    if (!matches[row]) continue;
    total++;
    if (row === selected) position = total;
  }
  return { total, position };
}

/** The next match after a row (−1: from the top), or the one before it; round the end. −1 when there is none. */
export function stepMatch(matches: Matches, from: number, step: 1 | -1): number {
  const n = matches.length;
  if (n === 0) return -1;
  let at = from < 0 && step < 0 ? 0 : from;
  for (let tries = 0; tries < n; tries++) {
    at = (at + step + n) % n;
    if (matches[at]) return at;
  }
  return -1;
}
