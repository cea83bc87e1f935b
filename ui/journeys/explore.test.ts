// The list of traces: filters in the address, remedies for an empty result, a list without end that stays still while it grows.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser, openPage, troubles } from './harness/browser';
import { sendTrace, sendTraces } from './harness/otlp';
import { startWaymark, type Waymark } from './harness/processes';
import { treeOf } from './harness/waterfall';

const COUNT = 250;
let waymark: Waymark;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  [waymark, browser] = await Promise.all([startWaymark(), launchBrowser()]);
  await sendTraces(
    waymark.otlp,
    Array.from({ length: COUNT }, (_, i) => ({
      agoMs: 60_000 + i * 2_000,
      tops: [{ service: i % 2 ? 'shop' : 'cart', name: `op ${i}`, start: 0, duration: 20 + i, kind: 2, status: i % 50 === 0 ? 2 : 0, attributes: { tier: i % 10 === 0 ? 'gold' : 'bronze' } }],
    })),
  );
});
afterAll(async () => {
  await browser?.close();
  await waymark?.stop();
});
beforeEach(async () => {
  page = await openPage(browser);
});
afterEach(async () => {
  const seen = troubles(page);
  await page.context().close();
  expect(seen).toEqual([]);
});

const links = () => page.locator('a[data-trace]');
const operations = () => links().allInnerTexts();
const placeOf = (operation: string) => links().getByText(operation, { exact: true }).boundingBox();
const scroller = () => page.locator('.trace-scroller');

test('typed filters become chips and part of the address, and a reload keeps them', async () => {
  await page.goto(`${waymark.url}/explore`);
  await links().first().waitFor();
  const filter = page.getByRole('combobox', { name: 'Filter traces' });
  await filter.fill('service:cart error tier=gold >25ms');
  await filter.press('Enter');
  // Every 50th failed; all of those are of the cart, and gold.
  await expect.poll(operations).toEqual(['op 50', 'op 100', 'op 150', 'op 200']);
  const query = new URL(page.url()).searchParams;
  expect([query.get('service'), query.get('status'), query.getAll('attribute')]).toEqual(['cart', 'error', ['tier=gold']]);
  await page.reload();
  await expect.poll(operations).toEqual(['op 50', 'op 100', 'op 150', 'op 200']);
  for (const chip of ['service = cart', 'status = error', 'tier = gold', 'at least 25ms']) await page.getByRole('button', { name: `Remove ${chip}` }).waitFor();
  await page.getByRole('button', { name: 'Remove status = error' }).click();
  await expect.poll(async () => (await operations()).slice(0, 3)).toEqual(['op 10', 'op 20', 'op 30']);
  await page.goBack();
  await expect.poll(operations).toEqual(['op 50', 'op 100', 'op 150', 'op 200']);
});

test('a filter is chosen in a form, changed at its chip, and cleared', async () => {
  await page.goto(`${waymark.url}/explore`);
  await page.getByRole('button', { name: 'Add filter' }).click();
  const form = page.getByRole('dialog', { name: 'Add a filter' });
  await form.getByRole('button', { name: /^Status/ }).click();
  await form.getByRole('button', { name: 'error', exact: true }).click();
  await expect.poll(() => form.count()).toBe(0);
  await expect.poll(operations).toEqual(['op 0', 'op 50', 'op 100', 'op 150', 'op 200']);
  await page.getByTitle('status = error').click();
  await page.getByRole('dialog', { name: 'Change status = error' }).getByRole('button', { name: 'unset', exact: true }).click();
  await expect.poll(async () => (await operations())[0]).toBe('op 1');
  await page.getByRole('button', { name: 'Clear all' }).click();
  await expect.poll(async () => (await operations()).slice(0, 2)).toEqual(['op 0', 'op 1']);
  expect(new URL(page.url()).searchParams.get('status')).toBeNull();
});

test('an empty result says what was searched, and one click on a remedy finds something', async () => {
  await page.goto(`${waymark.url}/explore?service=shop&status=error`);
  await page.getByRole('heading', { name: 'No trace matches' }).waitFor();
  expect(await page.locator('main').innerText()).toMatch(/Searched: .*service = shop, status = error/);
  const remedy = page.getByRole('button', { name: /^Without status = error: / });
  await remedy.waitFor();
  expect(await page.getByRole('button', { name: /^Without service = shop: / }).innerText()).toContain('5 traces');
  await remedy.click();
  await links().first().waitFor();
  expect(new URL(page.url()).searchParams.get('status')).toBeNull();
});

test('nothing in the last minutes is found again by a wider time', async () => {
  await page.goto(`${waymark.url}/explore?from=now-30s`);
  await page.getByRole('heading', { name: 'No traces in this time' }).waitFor();
  await page.getByRole('button', { name: /^(Last|All)/ }).filter({ hasText: 'trace' }).first().click();
  await links().first().waitFor();
});

test('the list goes on to its end, stays still while traces arrive, and is where it was left on the way back', async () => {
  await page.goto(`${waymark.url}/explore`);
  await links().first().waitFor();
  const newest = (await operations())[0]!;
  const atEnd = page.getByText('These are all traces of this time range that match.');
  const seen = new Set<string>();
  await expect
    .poll(async () => {
      for (const operation of await operations()) seen.add(operation);
      await scroller().evaluate((element) => element.scrollBy(0, 600));
      return (await atEnd.isVisible()) && seen.has(`op ${COUNT - 1}`);
    })
    .toBe(true);
  expect([...seen].filter((operation) => operation.startsWith('op '))).toHaveLength(COUNT);

  await scroller().evaluate((element) => element.scrollTo(0, 4_000));
  await expect.poll(async () => (await placeOf('op 90'))?.y).toSatisfy((y) => y > 100 && y < 800);
  const still = await placeOf('op 90');
  await sendTrace(waymark.otlp, [{ service: 'shop', name: 'brand new', start: 0, duration: 5 }], 0);
  const waiting = page.getByRole('button', { name: '1 new trace' });
  await waiting.waitFor();
  expect(await placeOf('op 90')).toEqual(still);

  await links().getByText('op 90', { exact: true }).click();
  await treeOf(page).waitFor();
  await page.goBack();
  await expect.poll(() => placeOf('op 90')).toEqual(still);
  await waiting.click();
  await expect.poll(async () => (await operations())[0]).toBe('brand new');
  expect((await operations())[1]).toBe(newest);
});

test('new traces come by themselves while nobody looks closely', async () => {
  await page.goto(`${waymark.url}/explore`);
  await links().first().waitFor();
  await page.mouse.move(10, 300);
  await sendTrace(waymark.otlp, [{ service: 'shop', name: 'by itself', start: 0, duration: 5 }], 0);
  await expect.poll(async () => (await operations())[0]).toBe('by itself');
});
