// What the palette offers for a text, best first.
import { parseTraceReference, referencePath } from './traceReference';

export interface Command {
  id: string;
  label: string;
  /** Other words people look for it by. */
  words?: string;
  /** The key that does the same. */
  keys?: string;
  run(): void;
}

export type PaletteItem =
  | { kind: 'trace'; id: string; label: string; detail: string; path: string }
  | { kind: 'service'; id: string; label: string; name: string }
  | { kind: 'command'; id: string; label: string; keys: string | null; run(): void };

const SERVICES_AT_FIRST = 6;
const SHOWN = 40;

/** How well `label` answers to `text`; 0 is not at all. Beginning beats a word's beginning beats inside beats letters in order. */
export function score(text: string, label: string): number {
  const wanted = text.toLowerCase();
  const given = label.toLowerCase();
  if (wanted === '') return 1;
  const at = given.indexOf(wanted);
  // Shorter labels are closer to what was typed.
  const closeness = wanted.length / Math.max(given.length, wanted.length);
  if (at === 0) return 4 + closeness;
  if (at > 0) {
    for (let i = at; i >= 0; i = given.indexOf(wanted, i + 1)) if (!/[a-z0-9]/.test(given[i - 1]!)) return 3 + closeness;
    return 2 + closeness;
  }
  return isSubsequence(wanted.replace(/\s+/g, ''), given) ? 1 + closeness : 0;
}

export function paletteItems(text: string, services: readonly string[], commands: readonly Command[]): PaletteItem[] {
  const trimmed = text.trim();
  const items: { item: PaletteItem; score: number }[] = [];
  for (const command of commands) {
    const found = Math.max(score(trimmed, command.label), command.words ? score(trimmed, command.words) - 0.5 : 0);
    if (found > 0) items.push({ item: { kind: 'command', id: command.id, label: command.label, keys: command.keys ?? null, run: command.run }, score: found });
  }
  for (const name of trimmed === '' ? services.slice(0, SERVICES_AT_FIRST) : services) {
    const found = score(trimmed, name);
    // With nothing typed the commands come first; else a service wins over a command that matches as well.
    if (found > 0) items.push({ item: { kind: 'service', id: `service-${name}`, label: name, name }, score: trimmed === '' ? 0.5 : found + 0.01 });
  }
  const sorted = items.sort((a, b) => b.score - a.score).slice(0, SHOWN).map((one) => one.item);
  const reference = parseTraceReference(text);
  if (!reference) return sorted;
  const trace: PaletteItem = { kind: 'trace', id: 'trace', label: `Open trace ${reference.traceId}`, detail: reference.spanId ? `span ${reference.spanId}` : '', path: referencePath(reference) };
  return [trace, ...sorted];
}

function isSubsequence(wanted: string, given: string): boolean {
  let at = 0;
  for (const letter of given) if (letter === wanted[at]) at++;
  return at === wanted.length;
}
