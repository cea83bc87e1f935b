// What may be wrong with a trace id that leads nowhere. Pure.

const DIGITS = 32;

/** A sentence on what is wrong with the id itself; null when it looks right. */
export function idHint(id: string): string | null {
  if (!/^[0-9a-f]*$/i.test(id)) return 'The id has characters other than 0–9 and a–f: was something else copied with it?';
  if (id.length < DIGITS) return `The id has ${id.length} of ${DIGITS} digits: was it copied whole?`;
  if (id.length > DIGITS) return `The id has ${id.length} digits instead of ${DIGITS}: was something else copied with it?`;
  if (/^0*$/.test(id)) return 'The id is all zeros: tracing was off where it was logged.';
  return null;
}
