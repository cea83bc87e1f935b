// @vitest-environment happy-dom
// The trace page as a whole, without the canvas: what the address opens, what keys and presses do to the address, and how a trace grows.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SpanDetails, TraceLayout } from '../../api/types';
import { toMillis } from '../../format/time';
import { listenForKeys } from '../../keys/keys';
import { layoutOf, MONSTERS, shopSpans } from '../../testing/fakeTraces';
import TracePage from './TracePage';

interface Drawn {
  selected: number;
  matches: Uint8Array | null;
  showCritical: boolean;
  model: { count: number; clock: string };
  onSelect(row: number, how?: { open?: boolean }): void;
}
const drawn: { last: Drawn | null } = { last: null };
vi.mock('./waterfall', () => ({
  Waterfall: (props: Drawn) => {
    drawn.last = props;
    return (
      <div data-testid="waterfall">
        <div role="slider" aria-label="Start" aria-valuenow={0} tabIndex={0} />
        <div role="row" aria-label="Current" tabIndex={0} />
      </div>
    );
  },
}));

const shop = layoutOf(shopSpans());
const charge = shop.names.indexOf('POST /charge');
const chargeRow = shop.name.indexOf(charge);
const chargeId = shop.spanId[chargeRow]!;
let layout: TraceLayout | null = shop;
let found: number[] = [];
let serverAge = 3_600_000;
let asked: string[] = [];

beforeEach(() => {
  layout = shop;
  found = [];
  serverAge = 3_600_000;
  asked = [];
  drawn.last = null;
  vi.stubGlobal('fetch', async (address: string) => {
    asked.push(address);
    const json = (body: unknown, status = 200) =>
      new Response(JSON.stringify(body), { status, headers: { date: new Date(toMillis(shop.firstReceivedUnixNanos) + serverAge).toUTCString() } });
    if (address.includes('/layout')) return layout ? json(layout) : json({ status: 404, title: 'Not found', detail: 'There is no such trace.' }, 404);
    if (address.includes('/find')) return json({ rows: found });
    if (address.includes('/backlinks')) return json({ links: [], isCut: false, searchedTraceCount: 12 });
    return json(detailsOf(address.split('/').pop()!));
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
  localStorage.clear();
});

const DECLINED = { 'exception.type': 'Shop.CardDeclinedException', 'exception.stacktrace': 'x\n   at Shop.A.B() in /a.cs:line 4' };

function detailsOf(spanId: string): SpanDetails {
  const row = shop.spanId.indexOf(spanId);
  return {
    traceId: shop.traceId,
    missing: [],
    resources: [{ service: 'payments', schemaUrl: '', droppedAttributes: 0, attributes: { 'service.name': 'payments' } }],
    scopes: [{ name: 'Shop', version: '1', schemaUrl: '', droppedAttributes: 0, attributes: {} }],
    spans: [
      {
        row, parentRow: 0, spanId, parentSpanId: null, name: shop.names[shop.name[row]!]!, service: 'payments', kind: 'server',
        status: 'error', statusMessage: 'The card was declined.', startUnixNanos: shop.baseUnixNanos, endUnixNanos: shop.baseUnixNanos, durationNanos: 1,
        resource: 0, scope: 0, traceState: '', flags: 1, droppedAttributes: 2, droppedEvents: 0, droppedLinks: 0, marks: [], links: [],
        attributes: { 'order.id': 'A-1042' },
        events: [{ timeUnixNanos: shop.baseUnixNanos, name: 'exception', droppedAttributes: 0, attributes: DECLINED }],
      },
    ],
  };
}

function open(search = '') {
  history.replaceState(null, '', `/trace/${shop.traceId}${search}`);
  const stop = listenForKeys();
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const shown = render(
    <QueryClientProvider client={queries}>
      <TracePage traceId={shop.traceId} />
    </QueryClientProvider>,
  );
  return () => {
    stop();
    shown.unmount();
  };
}

const press = (key: string, more: object = {}) => fireEvent.keyDown(document.body, { key, ...more });
const query = () => new URLSearchParams(window.location.search);

describe('the trace page', () => {
  it('says what the trace is and where the time went', async () => {
    const leave = open();
    await screen.findByTestId('waterfall');
    expect(screen.getByRole('heading', { level: 1 }).textContent).toMatch(/^shop-web · click Buy2\.30/);
    expect(screen.getByLabelText('Verdict').textContent).toMatch(/71% of the time is spent in card-provider/);
    expect(screen.queryByLabelText('Span details')).toBeNull();
    leave();
  });

  it('opens at the span that the address names', async () => {
    const leave = open(`?span=${chargeId}`);
    const details = await screen.findByLabelText('Span details');
    expect(drawn.last?.selected).toBe(chargeRow);
    expect(await within(details).findByText('A-1042')).toBeTruthy();
    expect(within(details).getByText('The card was declined.')).toBeTruthy();
    expect(within(details).getByText('Shop.CardDeclinedException')).toBeTruthy();
    expect(within(details).getByText('The sender dropped 2 attributes.')).toBeTruthy();
    leave();
  });

  it('says when the trace has no such span, until dismissed', async () => {
    const leave = open('?span=00000000000000ff');
    await screen.findByText('00000000000000ff');
    expect(drawn.last?.selected).toBe(-1);
    fireEvent.click(screen.getByLabelText('Dismiss'));
    expect(screen.queryByText('00000000000000ff')).toBeNull();
    expect(query().has('span')).toBe(false);
    leave();
  });

  it('closes the details, then lets go of the span, as Escape is pressed', async () => {
    const leave = open(`?span=${chargeId}`);
    await screen.findByLabelText('Span details');
    press('Escape');
    expect(screen.queryByLabelText('Span details')).toBeNull();
    expect(drawn.last?.selected).toBe(chargeRow);
    press('Escape');
    expect(query().toString()).toBe('');
    leave();
  });

  it('leaves the details as they are while the selection moves, and opens them when asked', async () => {
    const leave = open();
    await screen.findByTestId('waterfall');
    act(() => drawn.last!.onSelect(2));
    expect(screen.queryByLabelText('Span details')).toBeNull();
    act(() => drawn.last!.onSelect(3, { open: true }));
    expect(screen.getByLabelText('Span details')).toBeTruthy();
    act(() => drawn.last!.onSelect(4));
    expect(screen.getByLabelText('Span details')).toBeTruthy();
    leave();
  });

  it('leads from the verdict and its parts to the spans', async () => {
    const leave = open();
    fireEvent.click(await screen.findByText('Show the span'));
    expect(drawn.last?.selected).toBe(shop.verdict.rows[0]);
    fireEvent.click(screen.getByText('auth · POST /verify'));
    expect(shop.names[shop.name[drawn.last!.selected]!]).toBe('POST /verify');
    leave();
  });

  it('finds names at once and attributes when the server has looked', async () => {
    found = [0];
    const leave = open();
    await screen.findByTestId('waterfall');
    press('f', { ctrlKey: true });
    expect(document.activeElement).toBe(screen.getByLabelText('Find in trace', { selector: 'input' }));
    fireEvent.change(document.activeElement!, { target: { value: 'stock' } });
    expect(screen.getByText(/12 matches/)).toBeTruthy();
    await screen.findByText(/13 matches/);
    fireEvent.keyDown(document.activeElement!, { key: 'Enter' });
    expect(screen.getByText(/1 of 13/)).toBeTruthy();
    fireEvent.keyDown(document.activeElement!, { key: 'Escape' });
    expect(drawn.last?.matches).toBeNull();
    expect(query().has('find')).toBe(false);
    leave();
  });

  it('picks out a service and goes through its spans', async () => {
    const leave = open();
    const legend = await screen.findByLabelText('Services');
    const cart = () => within(legend).getByText('cart').closest('button')!;
    fireEvent.click(cart());
    expect(drawn.last?.matches?.reduce((sum, hit) => sum + hit, 0)).toBe(13);
    const first = drawn.last!.selected;
    fireEvent.click(cart());
    expect(drawn.last!.selected).toBeGreaterThan(first);
    fireEvent.click(screen.getByLabelText('Remove service cart'));
    expect(drawn.last?.matches).toBeNull();
    leave();
  });

  it('leads from the count of errors to where it failed, with the details', async () => {
    const leave = open();
    fireEvent.click(await screen.findByText('1 error'));
    expect(drawn.last?.selected).toBe(chargeRow);
    expect(screen.getByLabelText('Span details')).toBeTruthy();
    leave();
  });

  it('says how long the critical path is where the trace goes on after it', async () => {
    const leave = open();
    const parts = await screen.findByLabelText('Largest parts of the critical path');
    expect(parts.textContent?.replaceAll('\u202f', ' ')).toMatch(/^Critical path 2 s of 2.30 s:/);
    leave();
  });

  it('hands the focus back to the current row when the details close', async () => {
    const leave = open(`?span=${chargeId}`);
    const close = await screen.findByLabelText('Close details');
    close.focus();
    fireEvent.click(close);
    expect(document.activeElement).toBe(screen.getByLabelText('Current'));
    leave();
  });

  it('leaves arrows, paging and Enter to the details while the focus is there', async () => {
    const leave = open(`?span=${chargeId}`);
    const details = await screen.findByLabelText('Span details');
    const seen: string[] = [];
    const note = (event: KeyboardEvent) => seen.push(event.key);
    window.addEventListener('keydown', note);
    for (const key of ['ArrowDown', 'End', 'PageUp', 'Enter', 'e']) fireEvent.keyDown(details, { key });
    window.removeEventListener('keydown', note);
    expect(seen).toEqual(['e']);
    leave();
  });

  it('shows clocks as sent when asked, by the address', async () => {
    layout = layoutOf(MONSTERS['skew']!());
    const leave = open('?z=0-5');
    fireEvent.click(await screen.findByText('clocks corrected'));
    expect(drawn.last?.model.clock).toBe('raw');
    expect(query().toString()).toBe('clock=raw');
    leave();
  });

  it('says that a trace is not there, and what to look at', async () => {
    layout = null;
    const leave = open();
    await screen.findByText('There is no such trace here');
    expect(screen.getByText(/looking again/)).toBeTruthy();
    leave();
  });
});

describe('a growing trace', () => {
  it('is asked for again, and keeps what is selected though its row moves', async () => {
    serverAge = 1_000;
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const [click] = shopSpans();
    const whole = click!.children![0]!.children!;
    // The later children came first: what arrives pushes them down.
    click!.children![0]!.children = whole.slice(2);
    const early = layoutOf([click!]);
    layout = { ...early, spanId: early.spanId.map((_, row) => shop.spanId[early.spanId.length === shop.spanId.length ? row : shop.spanId.length - early.spanId.length + row]!) };
    const leave = open(`?span=${chargeId}&panel=0`);
    await screen.findByText('live');
    const before = drawn.last!.selected;
    layout = shop;
    await act(() => vi.advanceTimersByTimeAsync(2_600));
    await waitFor(() => expect(screen.getByText(/live · \+16 spans/)).toBeTruthy());
    expect(drawn.last!.selected).toBe(chargeRow);
    expect(chargeRow).not.toBe(before);
    const times = asked.length;
    await act(() => vi.advanceTimersByTimeAsync(60_000));
    expect(asked.length).toBeGreaterThan(times);
    expect(screen.queryByText(/^live/)).toBeNull();
    const end = asked.length;
    await act(() => vi.advanceTimersByTimeAsync(60_000));
    expect(asked.length).toBe(end);
    leave();
  });

  it('is not asked for again when it is old', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    const leave = open();
    await screen.findByTestId('waterfall');
    await act(() => vi.advanceTimersByTimeAsync(60_000));
    expect(asked).toHaveLength(1);
    leave();
  });
});
