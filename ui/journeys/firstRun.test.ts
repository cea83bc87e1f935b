// A server that has never heard of anyone: the way to the first trace, and what is said to senders that get it wrong.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPage, troubles } from './harness/browser';
import { sendTrace } from './harness/otlp';
import { startWaymark, type Waymark } from './harness/processes';
import { treeOf } from './harness/waterfall';

let waymark: Waymark;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  [waymark, browser] = await Promise.all([startWaymark(), launchBrowser()]);
  page = await openPage(browser);
});
afterAll(async () => {
  await browser?.close();
  await waymark?.stop();
});

test('an empty server opens with the way to connect, its real addresses in it', async () => {
  await page.goto(waymark.url);
  await page.getByRole('heading', { name: 'Two minutes to your first trace' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/connect');
  const body = page.locator('main');
  await expect.poll(() => body.innerText()).toContain(waymark.otlp);
  await body.getByText('Waiting for the first span…').waitFor();
  // What is copied must work as it stands.
  await page.getByRole('link', { name: 'Node.js' }).click();
  await expect.poll(() => page.locator('article pre').allInnerTexts().then((all) => all.join('\n'))).toContain(waymark.otlp);
});

test('a request of the wrong type is listed with its reason', async () => {
  const answer = await fetch(`${waymark.otlp}/v1/traces`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'Hello?' });
  expect(answer.status).toBe(415);
  const refused = page.getByRole('region', { name: 'What comes in' }).getByRole('listitem').filter({ hasText: 'OTLP/HTTP' });
  await refused.waitFor();
  expect(await refused.innerText()).toMatch(/text\/plain/);
});

test('the first span is announced with its service and leads to its trace', async () => {
  const traceId = await sendTrace(waymark.otlp, [{ service: 'checkout', name: 'GET /hello', start: 0, duration: 12, kind: 2 }], 1_000);
  const listener = page.getByRole('region', { name: 'What comes in' });
  await expect.poll(() => listener.getByRole('heading', { level: 2 }).innerText()).toMatch(/^1 span from checkout /);
  await listener.getByRole('link', { name: 'GET /hello' }).click();
  await treeOf(page).getByRole('row').waitFor();
  expect(page.url()).toBe(`${waymark.url}/trace/${traceId}`);
});

test('from then on the server opens with the list of traces', async () => {
  await page.goto(waymark.url);
  await page.getByRole('link', { name: 'GET /hello' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/explore');
  expect(troubles(page)).toEqual([]);
});
