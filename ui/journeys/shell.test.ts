// What every page has around it: the palette, the theme, and what happens when the server goes away.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { launchBrowser, openPage, troubles } from './harness/browser';
import { sendTrace, spanIdOf } from './harness/otlp';
import { startWaymark, type Waymark } from './harness/processes';
import { detailsOf, treeOf } from './harness/waterfall';
import { shopSpans } from '../src/testing/fakeTraces';

let waymark: Waymark;
let browser: Browser;
let page: Page;
let traceId: string;
let intended: RegExp | undefined;

beforeAll(async () => {
  [waymark, browser] = await Promise.all([startWaymark(), launchBrowser()]);
  traceId = await sendTrace(waymark.otlp, shopSpans());
});
afterAll(async () => {
  await browser?.close();
  await waymark?.stop();
});
beforeEach(async () => {
  intended = undefined;
  page = await openPage(browser);
  await page.goto(`${waymark.url}/explore`);
  await page.locator('a[data-trace]').waitFor();
});
afterEach(async () => {
  const seen = troubles(page, intended);
  await page.context().close();
  expect(seen).toEqual([]);
});

async function inPalette(text: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').getByRole('combobox').waitFor();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}

test('the palette opens a trace by its id', async () => {
  await inPalette(traceId);
  await treeOf(page).waitFor();
  expect(new URL(page.url()).pathname).toBe(`/trace/${traceId}`);
});

test('the palette opens the span of a traceparent header', async () => {
  await inPalette(`traceparent: 00-${traceId}-${spanIdOf(1)}-01`);
  await detailsOf(page).getByRole('heading', { name: 'POST /checkout' }).waitFor();
});

test('the palette leads to a service', async () => {
  await page.keyboard.press('Control+k');
  await page.keyboard.type('payments');
  await page.getByRole('option', { name: /payments/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Remove service = payments' }).waitFor();
  expect(new URL(page.url()).searchParams.get('service')).toBe('payments');
});

test('the theme that is chosen stays, from the first paint on', async () => {
  const theme = () => page.evaluate(() => document.documentElement.dataset['theme']);
  expect(await theme()).toBe('dark');
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByText('Light', { exact: true }).click();
  expect(await theme()).toBe('light');
  await page.reload({ waitUntil: 'commit' });
  await page.waitForFunction(() => document.body !== null);
  expect(await theme()).toBe('light');
  await page.locator('a[data-trace]').waitFor();
  const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect(background).toBe('rgb(255, 255, 255)');
});

test('a server that stops is missed within seconds, and found again by itself', async () => {
  intended = /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|status of 503/;
  const banner = page.getByText('The server does not answer.', { exact: true });
  await waymark.pause();
  await banner.waitFor();
  // What was there is still there to be read.
  expect(await page.locator('a[data-trace]').count()).toBe(1);
  await waymark.resume();
  await banner.waitFor({ state: 'hidden' });
  await page.getByRole('link', { name: 'click Buy' }).click();
  await treeOf(page).waitFor();
});
