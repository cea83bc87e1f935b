// The journey Waymark was made for: a click in the shop was slow; where did the time go? And its sister: a card was declined; why?
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, openPage, troubles } from './harness/browser';
import { startDemo, type Demo } from './harness/processes';
import { attributeOf, currentRow, detailsOf, pathTo, rowOf, rowsOf, treeOf, verdictOf } from './harness/waterfall';

/** A span of each service that may be heard later than the click. */
const LATE_SERVICES = ['auth · GET /session', 'card-provider · POST /authorizations', 'orders · INSERT orders', 'worker · Send confirmation', 'orders · UPDATE orders'];

let demo: Demo;
let browser: Browser;
beforeAll(async () => {
  [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await demo?.stop();
});

interface Purchase {
  shop: Page;
  /** What the shop said. */
  words: string;
  /** Waymark's page about it. */
  trace: Page;
  traceId: string;
}

/** Buys what lies in the basket at first, and follows the shop's link to the trace. */
async function buy(card: string): Promise<Purchase> {
  // High enough for all rows of a checkout.
  const shop = await openPage(browser, 'dark', { viewport: { width: 1440, height: 1600 } });
  await shop.goto(demo.shop);
  await shop.getByLabel('Pay with').selectOption({ label: card });
  await shop.getByRole('button', { name: 'Buy' }).click();
  const link = shop.getByRole('link', { name: /See this checkout/ });
  await link.waitFor();
  // The number is set with a hyphen that does not break.
  const words = (await shop.locator('#outcome').innerText()).replaceAll('\u2011', '-');
  const [trace] = await Promise.all([shop.context().waitForEvent('page'), link.click()]);
  await treeOf(trace).waitFor();
  return { shop, words, trace, traceId: /\/trace\/([0-9a-f]{32})/.exec(trace.url())![1]! };
}

describe('a slow click', () => {
  let purchase: Purchase;
  let order: string;
  beforeAll(async () => {
    purchase = await buy('Visa ending in 4242');
    order = /Order (A-[0-9A-F]{8})/.exec(purchase.words)![1]!;
  });

  test('is one trace from the button to the worker', async () => {
    const { trace } = purchase;
    await trace.keyboard.press(']');
    // Each service exports when it sees fit: the page shows what comes later by itself.
    await expect.poll(async () => (await rowsOf(trace)).map((row) => row.name)).toEqual(expect.arrayContaining([...LATE_SERVICES]));
    const rows = await rowsOf(trace);
    const checkout = ['shop-web · click Buy', 'shop-web · POST /checkout', 'shop · POST /checkout'];
    expect(pathTo(rows, 'shop · Auth middleware')).toEqual([...checkout, 'shop · Auth middleware']);
    expect(pathTo(rows, 'shop · Validate cart')).toEqual([...checkout, 'shop · Validate cart']);
    expect(pathTo(rows, 'card-provider · POST /authorizations')).toEqual([
      ...checkout, 'shop · Charge payment', 'shop · POST', 'payments · POST /charges', 'payments · Authorize card', 'payments · POST', 'card-provider · POST /authorizations',
    ]);
    expect(pathTo(rows, 'orders · INSERT orders')).toEqual([...checkout, 'shop · Save order to DB', 'shop · POST', 'orders · POST /orders', 'orders · INSERT orders']);
    expect(pathTo(rows, 'worker · process order-confirmations')?.slice(0, 4)).toEqual([...checkout, 'shop · publish order-confirmations']);
  });

  test('waited for the card provider, says the verdict, and leads there', async () => {
    const { trace } = purchase;
    await expect.poll(() => verdictOf(trace).innerText()).toMatch(/^\d+% \(.*\) waits for card-provider · POST \/authorizations/);
    await verdictOf(trace).getByRole('button', { name: 'Show the span' }).click();
    await detailsOf(trace).getByRole('heading', { name: 'POST /authorizations' }).waitFor();
    expect((await rowsOf(trace)).find((row) => row.isSelected)).toMatchObject({ name: 'card-provider · POST /authorizations', label: expect.stringContaining('on critical path') });
  });

  test('tells the order number that the shop told', async () => {
    const { trace } = purchase;
    await rowOf(trace, 'shop · POST /checkout').click();
    await detailsOf(trace).getByRole('heading', { name: 'POST /checkout' }).waitFor();
    await expect.poll(() => attributeOf(trace, 'order.id').innerText()).toBe(order);
    expect(await attributeOf(trace, 'order.items_count').innerText()).toBe(/(\d+) items/.exec(purchase.words)![1]);
  });

  test('is found by its order number and opened with the keyboard alone', async () => {
    const { trace, traceId } = purchase;
    await trace.keyboard.press('Escape');
    await trace.keyboard.press('g');
    await trace.keyboard.press('e');
    await trace.getByRole('heading', { name: 'Traces', exact: true }).waitFor();
    await trace.keyboard.press('/');
    await trace.keyboard.type(`order.id=${order}`);
    await trace.keyboard.press('Enter');
    await trace.getByRole('button', { name: `Remove order.id = ${order}` }).waitFor();
    await trace.getByText('1 trace', { exact: true }).waitFor();
    await trace.keyboard.press('Escape');
    await trace.keyboard.press('j');
    const row = trace.getByRole('row', { name: /click Buy/ });
    await expect.poll(() => trace.evaluate(() => document.activeElement?.textContent)).toBe('click Buy');
    expect(await row.innerText()).toMatch(/card-provider/);
    await trace.keyboard.press('Enter');
    await treeOf(trace).waitFor();
    expect(trace.url()).toContain(`/trace/${traceId}`);
    await trace.keyboard.press('b');
    await expect.poll(() => currentRow(trace)).toBe('card-provider · POST /authorizations');
    await trace.keyboard.press('Enter');
    await detailsOf(trace).getByRole('heading', { name: 'POST /authorizations' }).waitFor();
    await trace.keyboard.press('Escape');
    await expect.poll(() => detailsOf(trace).count()).toBe(0);
  });

  test('breaks nothing on the way', () => {
    expect(troubles(purchase.shop)).toEqual([]);
    expect(troubles(purchase.trace)).toEqual([]);
  });
});

describe('a declined card', () => {
  let purchase: Purchase;
  beforeAll(async () => {
    purchase = await buy('A card without funds');
  });

  test('is an error in the waterfall, with an exception to read', async () => {
    const { trace, words } = purchase;
    expect(words).toContain('Your card was declined');
    await expect.poll(async () => (await rowsOf(trace)).find((row) => row.name === 'payments · Authorize card')?.label).toMatch(/, error$/);
    await rowOf(trace, 'payments · Authorize card').click();
    const details = detailsOf(trace);
    await details.getByText('Checkout.Payments.CardDeclinedException').first().waitFor();
    const stack = details.getByRole('region', { name: 'Stack trace' });
    await stack.waitFor();
    expect(await stack.innerText()).toMatch(/CardCharger\S*AuthorizeAsync/);
    await details.getByText('The card has insufficient funds.').first().waitFor();
  });

  test('is walked to by the key for errors', async () => {
    const { trace } = purchase;
    await trace.keyboard.press('Home');
    await expect.poll(() => currentRow(trace)).toBe('shop-web · click Buy');
    // The click itself failed, so did the steps below it.
    for (let i = 0; i < 4; i++) {
      const before = (await rowsOf(trace)).findIndex((row) => row.isCurrent);
      await trace.keyboard.press('e');
      await expect.poll(async () => (await rowsOf(trace)).findIndex((row) => row.isCurrent)).toBeGreaterThan(before);
      expect((await rowsOf(trace)).find((row) => row.isCurrent)?.label).toMatch(/, error/);
    }
  });

  test('is listed among the traces with errors', async () => {
    const { trace, traceId, shop } = purchase;
    await trace.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Explore', exact: true }).click();
    await trace.getByRole('combobox', { name: 'Filter traces' }).fill('error');
    await trace.keyboard.press('Enter');
    await trace.getByRole('button', { name: 'Remove status = error' }).waitFor();
    expect(new URL(trace.url()).searchParams.get('status')).toBe('error');
    const link = trace.locator(`a[data-trace="${traceId}"]`);
    await link.waitFor();
    await expect.poll(() => trace.locator('a[data-trace]').count()).toBe(1);
    expect(troubles(trace)).toEqual([]);
    // Its own answer to the refused purchase, 402, is the only thing the shop's page complains of.
    expect(troubles(shop, /status of 402/)).toEqual([]);
  });
});
