// @vitest-environment happy-dom
// The shell: the palette by keyboard, pasting, the help, a failing page, a server that is away.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Router } from 'wouter';
import { memoryLocation } from 'wouter/memory-location';
import { ApiError } from '../api/client';
import { ConnectionWatch, waitBefore } from './connection';
import { mergeGroups } from './KeyboardHelp';
import { closeOverlay } from './overlays';
import { serverState } from './serverState';
import { Shell } from './Shell';

const ID = '0af7651916cd43dd8448eb211c80319c';
const SERVICES = { services: ['payments', 'shop'].map((name, ordinal) => ({ name, ordinal, operationCount: 1, spanCount: 1, lastStartUnixNanos: '0' })), isCut: false };

beforeEach(() => {
  vi.stubGlobal('fetch', (url: string) => Promise.resolve(url.includes('services') ? Response.json(SERVICES) : Response.json({ title: 'x', detail: 'x', status: 404 }, { status: 404 })));
});
afterEach(() => {
  act(closeOverlay);
  cleanup();
  vi.unstubAllGlobals();
});

function show(page = <main>the page</main>) {
  const memory = memoryLocation({ path: '/explore', record: true });
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <Router hook={memory.hook}>
        <Shell>{page}</Shell>
      </Router>
    </QueryClientProvider>,
  );
  return memory.history;
}

const press = (key: string, init: KeyboardEventInit = {}) => act(() => void document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init })));
const activeLabel = (field: HTMLElement) => document.getElementById(field.getAttribute('aria-activedescendant') ?? '')?.querySelector('.palette-label')?.textContent;

describe('the palette', () => {
  it('opens a service by arrow keys and Enter', async () => {
    const history = show();
    press('k', { ctrlKey: true });
    const field = screen.getByRole('combobox');
    fireEvent.change(field, { target: { value: 'a' } });
    await waitFor(() => expect(screen.getByRole('listbox').textContent).toContain('payments'));
    fireEvent.change(field, { target: { value: 'pay' } });
    expect(activeLabel(field)).toBe('payments');
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(history.at(-1)).toBe('/explore?service=payments');
    expect(screen.queryByRole('combobox')).toBeNull();
  });
  it('opens a trace from its header', () => {
    const history = show();
    press('k', { ctrlKey: true });
    const field = screen.getByRole('combobox');
    fireEvent.change(field, { target: { value: `traceparent: 00-${ID}-b7ad6b7169203331-01` } });
    expect(activeLabel(field)).toBe(`Open trace ${ID}`);
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(history.at(-1)).toBe(`/trace/${ID}?span=b7ad6b7169203331`);
  });
  it('wraps around with the arrows and closes with Esc', () => {
    const history = show();
    press('k', { ctrlKey: true });
    const field = screen.getByRole('combobox');
    const first = activeLabel(field);
    fireEvent.keyDown(field, { key: 'ArrowUp' });
    expect(activeLabel(field)).not.toBe(first);
    fireEvent.keyDown(field, { key: 'ArrowDown' });
    expect(activeLabel(field)).toBe(first);
    fireEvent.keyDown(field, { key: 'Escape' });
    expect(screen.queryByRole('combobox')).toBeNull();
    expect(history).toEqual(['/explore']);
  });
});

describe('the rail', () => {
  it.each(['Settings', 'Keyboard', 'Show words', 'Server'])('says what “%s” is while it shows icons only', async (name) => {
    show();
    const button = screen.getByRole('button', { name: new RegExp(`^${name}`) });
    fireEvent.pointerEnter(button.closest('.tooltip-anchor')!, { pointerType: 'mouse' });
    await waitFor(() => expect(document.querySelector('[role=tooltip]')?.textContent).toContain(name));
  });
});

describe('pasting', () => {
  const paste = (target: Element, text: string) => {
    const event = new Event('paste', { bubbles: true, cancelable: true });
    Object.assign(event, { clipboardData: { getData: () => text } });
    act(() => void target.dispatchEvent(event));
  };
  it('opens the trace when no field takes it', () => {
    const history = show(
      <main>
        <input aria-label="field" />
      </main>,
    );
    paste(screen.getByLabelText('field'), ID);
    paste(document.body, 'nothing of the kind');
    expect(history).toEqual(['/explore']);
    paste(document.body, `http://localhost:16686/trace/${ID}`);
    expect(history.at(-1)).toBe(`/trace/${ID}`);
  });
});

describe('keys and pages', () => {
  it('go places', () => {
    const history = show();
    press('g');
    press('c');
    expect(history.at(-1)).toBe('/connect');
  });
  it('are listed on "?"', () => {
    show();
    press('?');
    expect(screen.getByRole('dialog', { name: 'Keyboard' }).textContent).toContain('Go to Explore');
  });
  it('are listed once per scope, the later meaning', () => {
    const one = { keys: 'r', label: 'one', run: () => {} };
    const two = { ...one, label: 'two' };
    expect(mergeGroups([{ scope: 'Global', bindings: [one] }, { scope: 'List', bindings: [] }, { scope: 'Global', bindings: [two] }])).toEqual([{ scope: 'Global', bindings: [two] }]);
  });
  it('survive a page that fails', () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const Failing = () => {
      throw new Error('out of spans');
    };
    show(<Failing />);
    expect(screen.getByRole('alert').textContent).toContain('out of spans');
    expect(screen.getByRole('navigation', { name: 'Main' })).toBeTruthy();
    vi.restoreAllMocks();
  });
});

describe('the connection', () => {
  it('is lost with a call that has no answer, tried at growing intervals, and found again', async () => {
    vi.useFakeTimers();
    const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    let isUp = false;
    const probe = vi.fn(() => (isUp ? Promise.resolve() : Promise.reject(new ApiError(0, 'away'))));
    const watch = new ConnectionWatch(queries, probe);
    const stop = watch.start();
    await queries.fetchQuery({ queryKey: ['x'], queryFn: () => Promise.reject(new ApiError(500, 'broken')) }).catch(() => {});
    expect(watch.get().isOffline).toBe(false);
    await queries.fetchQuery({ queryKey: ['x'], queryFn: () => Promise.reject(new ApiError(0, 'away')) }).catch(() => {});
    expect(watch.get()).toEqual({ isOffline: true, nextTryAt: Date.now() + waitBefore(0) });
    await vi.advanceTimersByTimeAsync(waitBefore(0));
    expect([probe.mock.calls.length, watch.get().nextTryAt]).toEqual([2, Date.now() + waitBefore(1)]);
    isUp = true;
    await vi.advanceTimersByTimeAsync(waitBefore(1));
    expect([probe.mock.calls.length, watch.get()]).toEqual([3, { isOffline: false, nextTryAt: null }]);
    stop();
    vi.useRealTimers();
  });
  it('is not lost by one call that fails alone, and nothing is asked anew for it', async () => {
    const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    const invalidate = vi.spyOn(queries, 'invalidateQueries');
    const probe = vi.fn(() => Promise.resolve());
    const watch = new ConnectionWatch(queries, probe);
    const stop = watch.start();
    await queries.fetchQuery({ queryKey: ['x'], queryFn: () => Promise.reject(new ApiError(0, 'away')) }).catch(() => {});
    await waitFor(() => expect(probe).toHaveBeenCalledTimes(1));
    await queries.fetchQuery({ queryKey: ['y'], queryFn: () => Promise.resolve(1) });
    expect([watch.get().isOffline, invalidate.mock.calls.length]).toEqual([false, 0]);
    stop();
  });
  it('asks what failed and what may be old when it is found again, but not for the pages of a list', async () => {
    vi.useFakeTimers();
    const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    let isUp = false;
    const watch = new ConnectionWatch(queries, () => (isUp ? Promise.resolve() : Promise.reject(new ApiError(0, 'away'))));
    const stop = watch.start();
    const isKept = { isKept: true };
    await queries.fetchQuery({ queryKey: ['old'], queryFn: () => Promise.resolve(1) });
    await queries.fetchQuery({ queryKey: ['list'], queryFn: () => Promise.resolve(1), meta: isKept });
    await queries.fetchQuery({ queryKey: ['failed list'], queryFn: () => Promise.reject(new ApiError(0, 'away')), meta: isKept }).catch(() => {});
    isUp = true;
    await vi.advanceTimersByTimeAsync(waitBefore(0));
    expect(watch.get().isOffline).toBe(false);
    expect(['old', 'list', 'failed list'].map((key) => queries.getQueryState([key])!.isInvalidated)).toEqual([true, false, true]);
    stop();
    vi.useRealTimers();
  });
  it('shows what is old dimmed while it is lost, under a banner, and clear again after', async () => {
    let isUp = true;
    const ok = fetch;
    vi.stubGlobal('fetch', (url: string) => (isUp ? (ok as (url: string) => Promise<Response>)(url) : Promise.reject(new TypeError('Failed to fetch'))));
    const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    render(
      <QueryClientProvider client={queries}>
        <Router hook={memoryLocation({ path: '/explore' }).hook}>
          <Shell>the page</Shell>
        </Router>
      </QueryClientProvider>,
    );
    await waitFor(() => expect(queries.isFetching()).toBe(0));
    const isDimmed = () => document.querySelector('#page')!.classList.contains('shell-page-old');
    expect(isDimmed()).toBe(false);
    isUp = false;
    await act(() => queries.fetchQuery({ queryKey: ['x'], queryFn: () => Promise.reject(new ApiError(0, 'away')) }).catch(() => {}));
    await waitFor(() => expect(isDimmed()).toBe(true));
    isUp = true;
    fireEvent.click(screen.getByRole('button', { name: 'Try now' }));
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Try now' })).toBeNull());
    expect(isDimmed()).toBe(false);
  });
  it('colours the server’s dot', () => {
    const status = { acceptsWrites: true, readOnlyReason: null, alarms: [] as string[] };
    const tone = (change: Partial<typeof status> | { readOnlyReason: string }, isOffline = false) => serverState({ ...status, ...change } as never, isOffline).tone;
    expect([tone({}), tone({ alarms: ['disk is filling'] }), tone({ acceptsWrites: false }), tone({}, true), serverState(undefined, false).tone]).toEqual(['ok', 'warn', 'error', 'error', 'unknown']);
  });
});
