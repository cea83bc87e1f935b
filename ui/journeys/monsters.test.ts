// Traces nobody would want, through the real store: each opens, says something, and can be walked.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPage, troubles } from './harness/browser';
import { sendTrace } from './harness/otlp';
import { startWaymark, type Waymark } from './harness/processes';
import { currentRow, detailsOf, rowsOf, treeOf, verdictOf } from './harness/waterfall';
import { MONSTERS } from '../src/testing/fakeTraces';

let waymark: Waymark;
let browser: Browser;
beforeAll(async () => {
  [waymark, browser] = await Promise.all([startWaymark(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await waymark?.stop();
});

interface Monster {
  name: string;
  /** In the head of the page. */
  spans: string;
  first: string;
  verdict: RegExp;
  /** What the head must remark on. */
  remark?: string;
  /** Name of a row at the end when all are unfolded. */
  last: RegExp;
  /** Where `b` leads; null when there is no critical path. */
  bottleneck: RegExp | null;
  startedAgoMs?: number;
}

test.each<Monster>([
  { name: 'wide', spans: '100k spans', first: 's0 · root', verdict: /Nothing stands out/, last: /^s3 · op 39$/, bottleneck: /^s0 · root$/ },
  { name: 'deep', spans: '5,001 spans', first: 's0 · level 0', verdict: /Nothing stands out/, last: /^s8 · op 0$/, bottleneck: /^s4 · level 4999$/ },
  { name: 'orphans', spans: '50.0k spans', first: 's0 · root', verdict: /Nothing stands out/, remark: '1 missing parent', last: /^s7 · op 39$/, bottleneck: /^s\d+ · op \d+$/ },
  { name: 'zero', spans: '3 spans', first: 's0 · root', verdict: /the trace takes no time/, last: /^s1 · op 1$/, bottleneck: null },
  { name: 'long', spans: '301 spans', first: 's0 · batch', verdict: /of 3d 0h/, last: /^s11 · op 19$/, bottleneck: /^s0 · batch$/, startedAgoMs: 3 * 86_400_000 + 60_000 },
  { name: 'skew', spans: '3 spans', first: 'shop · GET /', verdict: /^75% .* waits for cart · GET \/cart/, remark: 'clocks corrected', last: /^cart · GET \/cart$/, bottleneck: /^cart · GET \/cart$/ },
])('$name opens, says where its time went, and can be walked to its end', async ({ name, spans, first, verdict, remark, last, bottleneck, startedAgoMs = 600_000 }) => {
  const id = await sendTrace(waymark.otlp, MONSTERS[name]!(), startedAgoMs);
  const page = await openPage(browser);
  await page.goto(`${waymark.url}/trace/${id}`);
  await treeOf(page).getByRole('row').first().waitFor();
  expect((await rowsOf(page))[0]).toMatchObject({ name: first, level: 1 });
  const head = await page.locator('.trace-header').innerText();
  expect(head).toContain(spans);
  if (remark) expect(head).toContain(remark);
  expect(await verdictOf(page).innerText()).toMatch(verdict);

  // Folded at first, so that it can be read, save for the critical path; the keys reach every last span all the same.
  if (name !== 'deep') expect(Number(await treeOf(page).getAttribute('aria-rowcount'))).toBeLessThanOrEqual(500);
  await page.keyboard.press(']');
  await page.keyboard.press('End');
  await expect.poll(() => currentRow(page)).toMatch(last);
  await page.keyboard.press('Home');
  await expect.poll(() => currentRow(page)).toBe(first);
  if (bottleneck) {
    await page.keyboard.press('b');
    await expect.poll(async () => (await rowsOf(page)).find((row) => row.isSelected)?.name).toMatch(bottleneck);
  }
  await page.keyboard.press('Enter');
  await detailsOf(page).getByRole('button', { name: /^Attributes/ }).waitFor();
  expect(troubles(page)).toEqual([]);
  await page.context().close();
});
