// Which ancestors fit a line: the root, and those nearest. Pure.

export type Crumb = { kind: 'row'; row: number } | { kind: 'leftOut'; count: number };

const FIRST = 1;
const LAST = 4;

export function crumbsOf(ancestors: readonly number[]): Crumb[] {
  const rows = (from: number, to?: number) => ancestors.slice(from, to).map((row): Crumb => ({ kind: 'row', row }));
  if (ancestors.length <= FIRST + LAST + 1) return rows(0);
  return [...rows(0, FIRST), { kind: 'leftOut', count: ancestors.length - FIRST - LAST }, ...rows(-LAST)];
}
