// Every page in every state, in both themes and at both sizes: no rule of accessibility broken, nothing amiss in the console.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser, openPage, THEMES, troubles, violations } from './harness/browser';
import { sendTrace } from './harness/otlp';
import { startWaymark, type Waymark } from './harness/processes';
import { detailsOf, treeOf } from './harness/waterfall';
import { MONSTERS } from '../src/testing/fakeTraces';

const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
];

let waymark: Waymark;
let empty: Waymark;
let browser: Browser;
const ids: Record<string, string> = {};
beforeAll(async () => {
  [waymark, empty, browser] = await Promise.all([startWaymark(), startWaymark(), launchBrowser()]);
  const orphans = MONSTERS['orphans']!().slice(0, 400);
  const answer = await fetch(`${waymark.otlp}/v1/traces`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'Hello?' });
  expect(answer.status).toBe(415);
  [ids['shop'], ids['skew'], ids['orphans']] = await Promise.all([
    sendTrace(waymark.otlp, MONSTERS['shop']!()),
    sendTrace(waymark.otlp, MONSTERS['skew']!(), 1_000_000),
    sendTrace(waymark.otlp, orphans, 900_000),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await Promise.all([waymark?.stop(), empty?.stop()]);
});

interface State {
  name: string;
  path: () => string;
  server?: () => Waymark;
  /** Brings the page into the state, and waits until it is there. */
  ready: (page: Page) => Promise<unknown>;
  intended?: RegExp;
}

const tree = (page: Page) => treeOf(page).getByRole('row').first().waitFor();
const row = (page: Page) => page.locator('a[data-trace]').first().waitFor();

const STATES: State[] = [
  { name: 'Explore with a list', path: () => '/explore', ready: row },
  { name: 'Explore with filters', path: () => '/explore?service=shop&attribute=a%3Db', ready: (page) => page.getByRole('heading', { name: 'No trace matches' }).waitFor() },
  { name: 'Explore with a wrong filter', path: () => '/explore?status=perhaps', ready: (page) => page.getByRole('alert').waitFor(), intended: /status of 400/ },
  {
    name: 'Explore with suggestions', path: () => '/explore', ready: async (page) => {
      await row(page);
      await page.getByRole('combobox', { name: 'Filter traces' }).fill('se');
      await page.getByRole('listbox', { name: 'Suggestions' }).waitFor();
    },
  },
  {
    name: 'Explore with the form for a filter', path: () => '/explore', ready: async (page) => {
      await page.getByRole('button', { name: 'Add filter' }).click();
      await page.getByRole('dialog', { name: 'Add a filter' }).waitFor();
    },
  },
  { name: 'Connect at first', path: () => '/', server: () => empty, ready: (page) => page.getByText('Waiting for the first span…').waitFor() },
  { name: 'Connect with arrivals and refusals', path: () => '/connect/dotnet', ready: (page) => page.getByRole('heading', { name: 'Requests that were refused' }).waitFor() },
  { name: 'the shop trace', path: () => `/trace/${ids['shop']}`, ready: tree },
  {
    name: 'the shop trace with details and a search', path: () => `/trace/${ids['shop']}?span=0000000000000002&find=POST`, ready: async (page) => {
      await tree(page);
      await detailsOf(page).getByRole('button', { name: /^Attributes/ }).waitFor();
    },
  },
  { name: 'a trace with skewed clocks', path: () => `/trace/${ids['skew']}`, ready: tree },
  { name: 'a trace of orphans', path: () => `/trace/${ids['orphans']}?fold=none`, ready: tree },
  { name: 'no such trace', path: () => `/trace/${'ab'.repeat(16)}`, ready: (page) => page.getByRole('heading', { name: 'There is no such trace here' }).waitFor(), intended: /status of 404/ },
  { name: 'no such page', path: () => '/nowhere', ready: (page) => page.getByRole('heading', { name: 'There is no such page' }).waitFor(), intended: /status of 404/ },
  {
    name: 'the palette', path: () => `/trace/${ids['shop']}`, ready: async (page) => {
      await tree(page);
      await page.keyboard.press('Control+k');
      await page.getByRole('listbox', { name: 'Results' }).waitFor();
    },
  },
  {
    name: 'the help', path: () => `/trace/${ids['shop']}`, ready: async (page) => {
      await tree(page);
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    },
  },
  {
    name: 'the settings', path: () => '/explore', ready: async (page) => {
      await row(page);
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByText('Single-letter keys').waitFor();
    },
  },
  {
    name: 'the time range', path: () => '/explore', ready: async (page) => {
      await row(page);
      await page.getByRole('button', { name: /Last hour/ }).click();
      await page.getByText('Last 24 hours').waitFor();
    },
  },
];

test.each(STATES)('$name breaks no rule', async ({ path, server, ready, intended }) => {
  const page = await openPage(browser, 'dark', { reducedMotion: 'reduce' });
  await page.goto(`${(server?.() ?? waymark).url}${path()}`);
  await ready(page);
  for (const size of SIZES) {
    await page.setViewportSize(size);
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      await page.waitForFunction((wanted) => document.documentElement.dataset['theme'] === wanted, theme);
      expect(await violations(page), `${theme}, ${size.width}×${size.height}`).toEqual([]);
    }
    // Nothing is cut off at the right: pages scroll within, not as a whole.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(size.width);
  }
  expect(troubles(page, intended)).toEqual([]);
  await page.context().close();
});

test('the rules are really looked at', async () => {
  const page = await openPage(browser);
  await page.setContent('<html lang="en"><title>Bad</title><main><h1>Bad</h1><img src="data:,"><button></button></main></html>');
  const found = (await violations(page)).map((violation) => violation.split(':')[0]);
  expect(found).toEqual(expect.arrayContaining(['image-alt', 'button-name']));
  await page.context().close();
});

test('what goes wrong on a page is really seen', async () => {
  const page = await openPage(browser);
  await page.goto(`${waymark.url}/explore`);
  await row(page);
  // An inline style in a string is what the content security policy forbids.
  await page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend', '<p style="color: red">x</p>');
    setTimeout(() => {
      throw new Error('thrown on purpose');
    });
  });
  await expect.poll(() => troubles(page)).toEqual(expect.arrayContaining([expect.stringContaining('Content Security Policy'), expect.stringContaining('thrown on purpose')]));
  await page.context().close();
});
