// Behind a reverse proxy, at a path of its own: one that passes the path on, and one that cuts it off.
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser, openPage, troubles } from './harness/browser';
import { sendTrace } from './harness/otlp';
import { startWaymark, type Waymark } from './harness/processes';
import { detailsOf, treeOf } from './harness/waterfall';
import { shopSpans } from '../src/testing/fakeTraces';

const BASE = '/waymark';
let waymark: Waymark;
let browser: Browser;
let traceId: string;
beforeAll(async () => {
  [waymark, browser] = await Promise.all([startWaymark('--set', `server.path_base=${BASE}`), launchBrowser()]);
  traceId = await sendTrace(waymark.otlp, shopSpans());
});
afterAll(async () => {
  await browser?.close();
  await waymark?.stop();
});

/** Serves Waymark below the base and nothing else. */
async function startProxy(isCut: boolean): Promise<{ url: string; server: Server }> {
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url!;
    if (path !== BASE && !path.startsWith(`${BASE}/`) && !path.startsWith(`${BASE}?`)) {
      outgoing.writeHead(404).end('Not below the base');
      return;
    }
    const to = new URL(waymark.url);
    const cut = path.slice(BASE.length);
    const asked = request(
      { host: to.hostname, port: to.port, method: incoming.method, path: isCut ? (cut.startsWith('/') ? cut : `/${cut}`) : path, headers: { ...incoming.headers, host: to.host } },
      (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      },
    );
    asked.on('error', () => outgoing.destroy());
    incoming.pipe(asked);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe.each([
  { proxy: 'passes the path on', isCut: false },
  { proxy: 'cuts the path off', isCut: true },
])('behind a proxy that $proxy', ({ isCut }) => {
  let url: string;
  let server: Server;
  beforeAll(async () => {
    ({ url, server } = await startProxy(isCut));
  });
  afterAll(() => server?.closeAllConnections());
  afterAll(() => void server?.close());

  test('every page works, and every link stays below the base', async () => {
    const page = await openPage(browser);
    await page.goto(`${url}${BASE}/`);
    await page.getByRole('link', { name: 'click Buy' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`${BASE}/explore`);
    const links = await page.locator('a[href]').evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
    for (const link of links) expect(new URL(link).pathname.startsWith(`${BASE}/`) || link.includes('#'), link).toBe(true);

    await page.getByRole('link', { name: 'click Buy' }).click();
    await treeOf(page).getByRole('row').first().waitFor();
    expect(new URL(page.url()).pathname).toBe(`${BASE}/trace/${traceId}`);
    const otlp = await page.request.get(await page.getByRole('link', { name: /OTLP/ }).evaluate((link) => (link as HTMLAnchorElement).href));
    expect(await otlp.json()).toHaveProperty('resourceSpans');

    await page.getByRole('link', { name: 'Connect', exact: true }).click();
    await page.getByRole('heading', { name: 'Send traces here' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`${BASE}/connect`);
    expect(troubles(page)).toEqual([]);
    await page.context().close();
  });

  test('a deep link to a span opens', async () => {
    const page = await openPage(browser);
    await page.goto(`${url}${BASE}/trace/${traceId}?span=0000000000000002`);
    await detailsOf(page).getByRole('heading', { name: 'POST /checkout' }).waitFor();
    expect(troubles(page)).toEqual([]);
    await page.context().close();
  });
});
