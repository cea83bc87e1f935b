// Times the trace page in a real browser: how soon after its data it can be used, what opening costs, and how even its frames are while it scrolls.
// Prints a table.
//
//   node bench/browser/waterfall.mjs                        the UI as shipped against made-up traces, built and served by this script
//   node bench/browser/waterfall.mjs --url http://host:port --traces id,id   any server
//   --chromium /path/to/chromium --runs 5 --ratio 2 (device pixels) --slowdown 4 (processor, times slower)
import { spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ui = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'ui');
const { chromium } = createRequire(join(ui, 'package.json'))('playwright-core');
const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    traces: { type: 'string', default: 'shop,random10k,random100k,wide,deep,orphans' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    runs: { type: 'string', default: '5' },
    ratio: { type: 'string', default: '1' },
    slowdown: { type: 'string', default: '1' },
  },
});
const FRAMES = 300;
const SPEEDS = [60, 400, 2400];

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** Runs in the page before its scripts: notes when the layout has been parsed and when the first rows stand. */
function watch() {
  const parse = Response.prototype.json;
  Response.prototype.json = async function () {
    const body = await parse.call(this);
    if (/\/layout(\?|$)/.test(this.url)) window.dataAt ??= performance.now();
    return body;
  };
  new MutationObserver((_, observer) => {
    if (!document.querySelector('.waterfall-row')) return;
    observer.disconnect();
    // The frame after the one that holds the rows: drawn, and free for input.
    requestAnimationFrame(() => setTimeout(() => (window.usableAt = performance.now())));
  }).observe(document, { childList: true, subtree: true });
}

/** Runs in the page: scrolls down and up again, `speed` pixels per frame; intervals between frames. */
async function scroll({ speed, frames }) {
  const element = document.querySelector('.waterfall-scroll');
  const intervals = [];
  let [at, by] = [0, speed];
  let before = await new Promise(requestAnimationFrame);
  for (let i = 0; i < frames; i++) {
    const bottom = element.scrollHeight - element.clientHeight;
    if (at + by > bottom || at + by < 0) by = -by;
    at = Math.max(0, Math.min(bottom, at + by));
    element.scrollTop = at;
    const now = await new Promise(requestAnimationFrame);
    intervals.push(now - before);
    before = now;
  }
  return intervals;
}

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
const quantile = (numbers, q) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * q))];
const whole = (number) => Math.round(number).toString();

let server = null;
let built = null;
let url = values.url;
if (!url) {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  built = mkdtempSync(join(tmpdir(), 'waymark-ui-'));
  const vite = join(ui, 'node_modules/vite/bin/vite.js');
  spawnSync(process.execPath, [vite, 'build', '--outDir', built, '--emptyOutDir'], { cwd: ui, stdio: 'ignore' });
  server = spawn(process.execPath, [vite, 'preview', '--outDir', built, '--port', String(port), '--strictPort', '--host', '127.0.0.1'], {
    cwd: ui,
    env: { ...process.env, FAKE_API: '1' },
    stdio: 'ignore',
  });
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(url).then((answer) => answer.ok, () => false)) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
const browser = await chromium.launch({ executablePath: values.chromium, args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
try {
  const table = [];
  for (const trace of values.traces.split(',')) {
    const usable = [];
    const busy = [];
    const intervals = Object.fromEntries(SPEEDS.map((speed) => [speed, []]));
    let rows = '';
    // The first opening warms the server and the browser's code cache, and does not count.
    for (let run = 0; run <= Number(values.runs); run++) {
      const page = await browser.newPage({ viewport: { width: 1600, height: 900 }, deviceScaleFactor: Number(values.ratio) });
      await page.addInitScript(watch);
      const inspector = await page.context().newCDPSession(page);
      // Time the main thread ran, not time that passed: it tells the same on a machine that others use, too.
      await inspector.send('Performance.enable', { timeDomain: 'threadTicks' });
      if (values.slowdown !== '1') await inspector.send('Emulation.setCPUThrottlingRate', { rate: Number(values.slowdown) });
      await page.goto(`${url}/trace/${trace}`, { timeout: 120_000 });
      await page.waitForFunction(() => window.usableAt > 0, null, { timeout: 120_000 });
      if (run > 0) {
        const { metrics } = await inspector.send('Performance.getMetrics');
        busy.push(metrics.find(({ name }) => name === 'TaskDuration').value * 1000);
        usable.push(await page.evaluate(() => window.usableAt - window.dataAt));
      }
      if (run === Number(values.runs)) {
        await page.goto(`${url}/trace/${trace}?fold=none`, { timeout: 120_000 });
        await page.waitForFunction(() => window.usableAt > 0, null, { timeout: 120_000 });
        await page.waitForTimeout(500);
        rows = await page.getAttribute('[role=treegrid]', 'aria-rowcount');
        for (const speed of SPEEDS) intervals[speed] = await page.evaluate(scroll, { speed, frames: FRAMES });
      }
      await page.close();
    }
    table.push({
      trace,
      'rows unfolded': rows,
      'usable after data, ms (median)': whole(quantile(usable, 0.5)),
      'worst': whole(Math.max(...usable)),
      'main thread for the whole opening, ms (median)': whole(quantile(busy, 0.5)),
      ...Object.fromEntries(SPEEDS.map((speed) => [`frame p95/p99 at ${speed} px`, `${quantile(intervals[speed], 0.95).toFixed(1)}/${quantile(intervals[speed], 0.99).toFixed(1)}`])),
    });
  }
  console.table(table);
} finally {
  await browser.close();
  server?.kill();
  if (built) rmSync(built, { recursive: true });
}
