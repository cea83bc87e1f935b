// The trace page by keyboard, pointer and address: everything one sees can be reached, shared, and comes back.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { launchBrowser, openPage, troubles } from './harness/browser';
import { randomHex, sendSpan, sendTrace, spanIdOf, type FakeSpan } from './harness/otlp';
import { startWaymark, type Waymark } from './harness/processes';
import { currentRow, detailsOf, rowOf, rowsOf, treeOf } from './harness/waterfall';
import { shopSpans } from '../src/testing/fakeTraces';

let waymark: Waymark;
let browser: Browser;
let traceId: string;
let page: Page;
/** What the page complains of although all is well. */
let intended: RegExp | undefined;

function withAttribute(tops: FakeSpan[]): FakeSpan[] {
  tops[0]!.children![0]!.children![0]!.attributes = { 'session.token.kind': 'opaque-needle' };
  return tops;
}

beforeAll(async () => {
  [waymark, browser] = await Promise.all([startWaymark(), launchBrowser()]);
  traceId = await sendTrace(waymark.otlp, withAttribute(shopSpans()), 1_200_000);
});
afterAll(async () => {
  await browser?.close();
  await waymark?.stop();
});
beforeEach(async () => {
  intended = undefined;
  page = await openPage(browser);
});
afterEach(async () => {
  const seen = troubles(page, intended);
  await page.context().close();
  expect(seen).toEqual([]);
});

async function open(query = ''): Promise<void> {
  await page.goto(`${waymark.url}/trace/${traceId}${query}`);
  await treeOf(page).getByRole('row').first().waitFor();
}

const names = async () => (await rowsOf(page)).map((row) => row.name);
const parameter = (name: string) => new URL(page.url()).searchParams.get(name);

async function keys(...strokes: string[]): Promise<void> {
  for (const stroke of strokes) await page.keyboard.press(stroke);
}

describe('keys', () => {
  test('walk the rows, fold and unfold them, and the address follows', async () => {
    await open();
    await keys('Home');
    await expect.poll(() => currentRow(page)).toBe('shop-web · click Buy');
    await keys('j', 'j', 'k');
    await expect.poll(() => currentRow(page)).toBe('shop · POST /checkout');
    await expect.poll(() => parameter('span')).toBe(spanIdOf(1));
    const before = (await names()).length;
    await keys('ArrowLeft');
    await expect.poll(async () => (await rowsOf(page)).find((row) => row.isCurrent)?.isExpanded).toBe(false);
    expect(await names()).toEqual(['shop-web · click Buy', 'shop · POST /checkout']);
    await keys('ArrowRight');
    await expect.poll(async () => (await names()).length).toBe(before);
    await keys('[');
    await expect.poll(names).toEqual(['shop-web · click Buy']);
    await keys(']');
    await expect.poll(async () => (await names()).filter((name) => name === 'cart · SELECT stock').length).toBe(12);
    expect(parameter('fold')).toBe('none');
    await page.goBack();
    await expect.poll(names).toEqual(['shop-web · click Buy']);
  });

  test('fold likes into one row that opens', async () => {
    await open();
    const group = treeOf(page).getByRole('row', { name: /^12 × cart, SELECT stock/ });
    expect(await group.getAttribute('aria-expanded')).toBe('false');
    await group.click();
    await expect.poll(async () => (await names()).filter((name) => name === 'cart · SELECT stock').length).toBe(12);
    await page.reload();
    await expect.poll(async () => (await names()).filter((name) => name === 'cart · SELECT stock').length).toBe(12);
  });

  test('jump to the bottleneck, to errors, and along the critical path in order of time', async () => {
    await open();
    await keys('b');
    await expect.poll(() => currentRow(page)).toBe('card-provider · POST /authorize');
    await keys('Home', 'e');
    await expect.poll(() => currentRow(page)).toBe('payments · POST /charge');
    await keys('Home', '.');
    const first = await currentRow(page);
    const walked: (string | null)[] = [];
    for (let i = 0; i < 4; i++) {
      const at = await currentRow(page);
      await keys('.');
      await expect.poll(() => currentRow(page)).not.toBe(at);
      walked.push(await currentRow(page));
    }
    for (let i = 0; i < 4; i++) await keys(',');
    await expect.poll(() => currentRow(page)).toBe(first);
    expect(walked).toContain('shop · Auth middleware');
  });

  test('show a subtree alone and everything again', async () => {
    await open();
    await rowOf(page, 'shop · Validate cart').click();
    await keys('f');
    await expect.poll(async () => (await names())[0]).toBe('shop · Validate cart');
    expect(await names()).not.toContain('shop · Charge payment');
    expect(parameter('focus')).not.toBeNull();
    await keys('f');
    await expect.poll(async () => (await names())[0]).toBe('shop-web · click Buy');
  });

  test('zoom to a span and back', async () => {
    await open();
    await rowOf(page, 'shop · Auth middleware').click();
    await keys('z');
    const status = page.getByRole('button', { name: 'Reset zoom' });
    await status.waitFor();
    const [from, to] = parameter('z')!.split('-').map(Number) as [number, number];
    // The span lasts from 15 to 95 ms.
    expect(from).toBeLessThanOrEqual(15e6);
    expect(to).toBeGreaterThanOrEqual(95e6);
    expect(to - from).toBeLessThan(400e6);
    await keys('0');
    await expect.poll(() => parameter('z')).toBeNull();
  });

  test('are all listed in the help', async () => {
    await open();
    await keys('?');
    const help = page.getByRole('dialog', { name: 'Keyboard' });
    await help.waitFor();
    const text = await help.innerText();
    for (const label of ['Next row', 'Bottleneck', 'Next error', 'Zoom to the span', 'Find in the trace', 'Go to Explore']) expect(text).toContain(label);
    await keys('Escape');
    await expect.poll(() => help.count()).toBe(0);
  });
});

describe('the pointer', () => {
  test('zooms by dragging over the timeline, and the address keeps it', async () => {
    await open();
    const view = (await page.locator('.waterfall-view').boundingBox())!;
    const y = view.y + 12;
    await page.mouse.move(view.x + view.width * 0.5, y);
    await page.mouse.down();
    await page.mouse.move(view.x + view.width * 0.6, y, { steps: 4 });
    await page.mouse.up();
    await page.getByRole('button', { name: 'Reset zoom' }).waitFor();
    const zoomed = parameter('z');
    expect(zoomed).toMatch(/^\d+-\d+$/);
    await page.reload();
    await page.getByRole('button', { name: 'Reset zoom' }).click();
    await expect.poll(() => parameter('z')).toBeNull();
  });

  test('opens the details of the row that is clicked', async () => {
    await open();
    await rowOf(page, 'orders · INSERT orders').click();
    await detailsOf(page).getByRole('heading', { name: 'INSERT orders' }).waitFor();
    expect(await detailsOf(page).getByRole('navigation', { name: 'Ancestors' }).innerText()).toMatch(/click Buy[\s\S]*POST \/checkout[\s\S]*Save order to DB/);
    await detailsOf(page).getByRole('button', { name: 'Close details' }).click();
    await expect.poll(() => detailsOf(page).count()).toBe(0);
  });
});

describe('an address', () => {
  test('leads to a span, even inside what is folded', async () => {
    await open(`?span=${spanIdOf(9)}`);
    await detailsOf(page).getByRole('heading', { name: 'SELECT stock' }).waitFor();
    await expect.poll(async () => (await rowsOf(page)).find((row) => row.isSelected)?.name).toBe('cart · SELECT stock');
  });

  test('of a span that is not there says so, and the trace is shown all the same', async () => {
    await open('?span=00000000deadbeef');
    await page.getByText('The trace has no span').waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await expect.poll(() => parameter('span')).toBeNull();
  });

  test('of a trace that is not there says what may be the reason', async () => {
    intended = /status of 404/;
    await page.goto(`${waymark.url}/trace/${'ab'.repeat(16)}`);
    await page.getByRole('heading', { name: 'There is no such trace here' }).waitFor();
    await page.getByRole('link', { name: 'List of traces', exact: true }).click();
    await page.getByRole('link', { name: 'click Buy' }).waitFor();
  });

  test('that is no id says so', async () => {
    intended = /status of 400/;
    await page.goto(`${waymark.url}/trace/hello`);
    await page.getByRole('heading', { name: 'There is no such trace here' }).waitFor();
  });

  test('that leads nowhere says so', async () => {
    intended = /status of 404/;
    await page.goto(`${waymark.url}/no/such/page`);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  });
});

test('find looks into attributes, and can leave out everything else', async () => {
  await open();
  await keys('Control+f');
  await page.keyboard.type('opaque-needle');
  await page.getByRole('search', { name: 'Find in trace' }).getByText('1 match', { exact: true }).waitFor();
  await keys('Enter');
  await expect.poll(async () => (await rowsOf(page)).find((row) => row.isSelected)?.name).toBe('shop · Auth middleware');
  await page.getByLabel('Only matches').check();
  await expect.poll(names).toEqual(['shop-web · click Buy', 'shop · POST /checkout', 'shop · Auth middleware']);
  await page.reload();
  await expect.poll(names).toEqual(['shop-web · click Buy', 'shop · POST /checkout', 'shop · Auth middleware']);
  await page.getByRole('button', { name: 'Clear search' }).click();
  await expect.poll(async () => (await names()).length).toBeGreaterThan(3);
});

test('downloads as OTLP that another server takes', async () => {
  await open();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /OTLP/ }).click()]);
  expect(download.suggestedFilename()).toBe(`trace-${traceId}.json`);
  const stream = await download.createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const resources = (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: { traceId: string }[] }[] }[] }).resourceSpans;
  const spans = resources.flatMap((resource) => resource.scopeSpans).flatMap((scope) => scope.spans);
  const layout = (await (await page.request.get(`${waymark.url}/api/v1/traces/${traceId}/layout`)).json()) as { spanCount: number };
  expect(spans.length).toBe(layout.spanCount);
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  const answer = await fetch(`${waymark.otlp}/v1/traces`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect(answer.status).toBe(200);
});

test('spans that arrive later appear by themselves, and nothing else moves', async () => {
  const id = randomHex(32);
  await sendTrace(waymark.otlp, [{ service: 'shop', name: 'GET /slow', start: 0, duration: 800, kind: 2 }], 1_000, id);
  await page.goto(`${waymark.url}/trace/${id}?span=${spanIdOf(0)}`);
  await expect.poll(names).toEqual(['shop · GET /slow']);
  await sendSpan(waymark.otlp, id, 'aaaaaaaaaaaaaaaa', spanIdOf(0), { service: 'late-worker', name: 'work', start: 100, duration: 300 }, 1_000);
  await expect.poll(names).toEqual(['shop · GET /slow', 'late-worker · work']);
  await page.getByText('live · +1 span').waitFor();
  expect((await rowsOf(page)).find((row) => row.isSelected)?.name).toBe('shop · GET /slow');
  await detailsOf(page).getByRole('heading', { name: 'GET /slow' }).waitFor();
});
