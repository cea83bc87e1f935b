// The waterfall as keyboards and screen readers have it: rows of the treegrid, which the canvas's drawing follows.
import type { Locator, Page } from 'playwright-core';

export interface TreeRow {
  /** From 1 at the top of the tree. */
  level: number;
  /** "shop · POST /checkout". */
  name: string;
  /** What a screen reader says of it. */
  label: string;
  isExpanded: boolean | null;
  isSelected: boolean;
  /** Whether Tab reaches it. */
  isCurrent: boolean;
}

export const treeOf = (page: Page): Locator => page.getByRole('treegrid', { name: 'Spans' });

/** The rows in sight, from the top down. */
export function rowsOf(page: Page): Promise<TreeRow[]> {
  return treeOf(page)
    .getByRole('row')
    .evaluateAll((rows) =>
      rows
        .sort((a, b) => Number(a.getAttribute('aria-rowindex')) - Number(b.getAttribute('aria-rowindex')))
        .map((row) => {
          const expanded = row.getAttribute('aria-expanded');
          return {
            level: Number(row.getAttribute('aria-level')),
            name: row.querySelector('[role=gridcell]')?.textContent ?? '',
            label: row.getAttribute('aria-label') ?? '',
            isExpanded: expanded === null ? null : expanded === 'true',
            isSelected: row.getAttribute('aria-selected') === 'true',
            isCurrent: row.getAttribute('tabindex') === '0',
          };
        }),
    );
}

/** Name of the row the keyboard stands on. */
export async function currentRow(page: Page): Promise<string | null> {
  return (await rowsOf(page)).find((row) => row.isCurrent)?.name ?? null;
}

/** Names from the root to the row, itself the last; null when there is none of that name in sight. */
export function pathTo(rows: readonly TreeRow[], name: string): string[] | null {
  let at = rows.findIndex((row) => row.name === name);
  if (at < 0) return null;
  const path = [rows[at]!.name];
  for (let level = rows[at]!.level - 1; level > 0; level--) {
    while (at >= 0 && rows[at]!.level !== level) at--;
    if (at < 0) return null;
    path.unshift(rows[at]!.name);
  }
  return path;
}

export const verdictOf = (page: Page): Locator => page.getByRole('region', { name: 'Verdict' });
export const detailsOf = (page: Page): Locator => page.getByRole('complementary', { name: 'Span details' });

/** The value that the details show for an attribute, the span's own before that of an event. */
export const attributeOf = (page: Page, key: string): Locator =>
  detailsOf(page)
    .locator('.attribute', { has: page.getByText(key, { exact: true }) })
    .locator('.attribute-text')
    .first();

export const rowOf = (page: Page, name: string): Locator => treeOf(page).getByRole('row').filter({ has: page.getByText(name, { exact: true }) });
