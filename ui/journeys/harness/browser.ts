// A real browser, and the questions asked of every page: does it violate an accessibility rule, did anything go wrong on it?
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

export type Theme = 'dark' | 'light';
export const THEMES: readonly Theme[] = ['dark', 'light'];
const PLACES = [process.env['WAYMARK_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
/** Far above what any step takes, far below a test's own limit: what fails says where. */
const WAIT_MS = 20_000;
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export function launchBrowser(): Promise<Browser> {
  const executablePath = PLACES.find((place): place is string => !!place && existsSync(place));
  if (!executablePath) throw new Error('Chromium was not found: install the package "chromium", or say where it is in WAYMARK_CHROMIUM.');
  return chromium.launch({ executablePath, args: FLAGS });
}

/** A page that remembers what went wrong on it, and on the pages it opens: see {@link troubles}. */
export async function openPage(browser: Browser, theme: Theme = 'dark', options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: theme, bypassCSP: false, ...options });
  context.setDefaultTimeout(WAIT_MS);
  context.on('page', watch);
  return context.newPage();
}

const troublesOf = new WeakMap<Page, string[]>();

function watch(page: Page): void {
  const seen: string[] = [];
  page.on('pageerror', (error) => seen.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') seen.push(`console: ${message.text()} ${message.location().url}`.trim());
  });
  troublesOf.set(page, seen);
}

/** Exceptions and console errors (violations of the content security policy among them) since the page was opened, save those a journey brings about on purpose. */
export function troubles(page: Page, intended?: RegExp): string[] {
  const seen = troublesOf.get(page);
  if (!seen) throw new Error('Nobody watched this page: open it with openPage.');
  return seen.filter((trouble) => !intended?.test(trouble));
}

/** Accessibility rules that the page breaks, with the elements that do. */
export async function violations(page: Page): Promise<string[]> {
  // Evaluated by the debugger, so that the page's content security policy stays as it is.
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; help: string; nodes: { target: unknown[]; failureSummary?: string }[] }[] }> } }).axe;
    const result = await axe.run();
    return result.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => `${n.target.join(' ')} (${n.failureSummary ?? ''})`).join('; ')}`);
  });
}
