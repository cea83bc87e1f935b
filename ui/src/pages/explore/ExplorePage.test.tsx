// @vitest-environment happy-dom
// The page of traces with a made-up server: filters become chips and the address, nothing found offers a way out, wrong input says so.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Shell } from '../../app/Shell';
import { setPreferences } from '../../preferences/preferences';
import { fakeTraceItems } from '../../testing/fakeTraces';
import ExplorePage from './ExplorePage';

let asked: URL[] = [];
let traces = fakeTraceItems(3);
let spanCount = 10;
let failure: object | null = null;

function answer(url: URL): unknown {
  if (url.pathname.endsWith('/traces/remedies')) return { remedies: [{ kind: 'without', parameter: 'status', value: 'error', from: null, count: 7, isMore: false }] };
  if (url.pathname.endsWith('/traces')) return { traces: url.searchParams.get('status') === 'error' ? [] : traces, next: null };
  if (url.pathname.endsWith('/status')) return { store: { spanCount } };
  if (url.pathname.endsWith('/root-durations')) return { traceCount: 0, p50Nanos: null, p95Nanos: null, p99Nanos: null, maxNanos: null };
  return { services: [], operations: [], keys: [] };
}

beforeEach(() => {
  asked = [];
  traces = fakeTraceItems(3);
  spanCount = 10;
  failure = null;
  history.replaceState(null, '', '/explore');
  vi.stubGlobal('fetch', (path: string) => {
    const url = new URL(path, 'http://localhost/');
    asked.push(url);
    const body = url.pathname.endsWith('/traces') && failure ? failure : answer(url);
    return Promise.resolve(new Response(JSON.stringify(body), { status: body === failure ? 400 : 200 }));
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function show(): QueryClient {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={client}>
      <ExplorePage />
    </QueryClientProvider>,
  );
  return client;
}

function type(line: string): void {
  const field = screen.getByRole('combobox', { name: 'Filter traces' });
  fireEvent.change(field, { target: { value: line } });
  fireEvent.keyDown(field, { key: 'Enter' });
}

describe('the page of traces', () => {
  it('lists traces as links', async () => {
    show();
    const links = await screen.findAllByRole('link');
    expect(links.map((link) => link.getAttribute('href'))).toEqual(traces.map((trace) => `/trace/${trace.traceId}`));
    expect(asked[0]!.searchParams.get('from')).toBe('now-1h');
  });

  it('makes chips of what is typed, and the address and the request say the same', async () => {
    show();
    await screen.findAllByRole('link');
    type('service:shop >500ms k=v');
    await screen.findByRole('button', { name: 'Remove service = shop' });
    expect(new URLSearchParams(location.search).toString()).toBe('service=shop&minDuration=500ms&attribute=k%3Dv');
    await waitFor(() => expect(asked.some((url) => url.searchParams.get('attribute') === 'k=v' && url.searchParams.get('minDuration') === '500ms')).toBe(true));
    fireEvent.click(screen.getByRole('button', { name: 'Remove k = v' }));
    expect(new URLSearchParams(location.search).has('attribute')).toBe(false);
  });

  it('says beside the field what it cannot read, and keeps the text', async () => {
    show();
    type('>fast');
    expect((await screen.findByRole('alert')).textContent).toContain('not a duration');
    expect(screen.getByRole<HTMLInputElement>('combobox').value).toBe('>fast');
    expect(location.search).toBe('');
  });

  it('offers a way out of an empty result', async () => {
    history.replaceState(null, '', '/explore?status=error');
    show();
    fireEvent.click(await screen.findByRole('button', { name: 'Without status = error: 7 traces' }));
    await screen.findAllByRole('link');
    expect(location.search).toBe('');
  });

  it('leads to Connect when there has never been a span', async () => {
    traces = [];
    spanCount = 0;
    show();
    await waitFor(() => expect(location.pathname).toBe('/connect'));
  });

  it('shows the sentence of a refusal and removes the filter at fault', async () => {
    history.replaceState(null, '', '/explore?kind=odd');
    failure = { status: 400, title: 'Bad parameter', detail: "Parameter 'kind' is 'odd'.", parameter: 'kind', found: 'odd', expected: null, suggestion: null };
    show();
    expect((await screen.findByRole('alert')).textContent).toContain("Parameter 'kind' is 'odd'.");
    failure = null;
    fireEvent.click(screen.getByRole('button', { name: 'Remove this filter' }));
    await screen.findAllByRole('link');
    expect(location.search).toBe('');
  });

  it('shows the shape of the list while it waits, and says when no answer comes', async () => {
    let fail = (_: Error): void => undefined;
    vi.stubGlobal('fetch', () => new Promise((_, reject) => (fail = reject)));
    show();
    await screen.findByText('Searching…');
    fail(new TypeError('Failed to fetch'));
    expect((await screen.findByRole('alert')).textContent).toContain('The server does not answer');
  });

  it('has rows of the reader’s own height while it waits', async () => {
    setPreferences({ density: 'compact' });
    vi.stubGlobal('fetch', () => new Promise(() => undefined));
    show();
    await screen.findByText('Searching…');
    expect(document.querySelector<HTMLElement>('.trace-table')!.style.getPropertyValue('--row')).toBe('40px');
    setPreferences({ density: 'normal' });
  });

  it('goes on saying that its traces cannot be had while everything else can', async () => {
    const answered = fetch as unknown as (path: string) => Promise<Response>;
    let calls = 0;
    vi.stubGlobal('fetch', (path: string) => {
      if (!/\/traces\?/.test(path)) return answered(path);
      calls++;
      return Promise.reject(new TypeError('Failed to fetch'));
    });
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    render(
      <QueryClientProvider client={client}>
        <Shell>
          <ExplorePage />
        </Shell>
      </QueryClientProvider>,
    );
    await screen.findByRole('alert');
    const texts = new Set<string>();
    for (let second = 0; second < 12; second++) {
      await act(() => vi.advanceTimersByTimeAsync(1_000));
      texts.add(screen.queryByRole('alert')?.textContent ?? 'nothing');
    }
    vi.useRealTimers();
    expect([...texts]).toEqual([expect.stringContaining('The server does not answer')]);
    expect([calls, document.querySelector('.offline')]).toEqual([1, null]);
  });

  it('puts new traces in front when nobody is looking closely, and counts them when someone is', async () => {
    const client = show();
    await screen.findAllByRole('link');
    const all = fakeTraceItems(5);
    traces = all;
    const old = fakeTraceItems(3);
    await client.refetchQueries({ queryKey: ['traces', 'newest'] });
    await waitFor(() => expect(screen.getAllByRole('link')).toHaveLength(5));
    fireEvent.pointerEnter(document.querySelector('.trace-scroller')!);
    traces = [{ ...old[0]!, traceId: 'f'.repeat(32) }, ...all];
    await client.refetchQueries({ queryKey: ['traces', 'newest'] });
    const pill = await screen.findByRole('button', { name: '1 new trace' });
    expect(screen.getAllByRole('link')).toHaveLength(5);
    fireEvent.click(pill);
    await waitFor(() => expect(screen.getAllByRole('link')).toHaveLength(6));
  });
});
