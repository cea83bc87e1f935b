// A stand-in for the server while the UI is worked on: `npm run dev:fake`. /trace/shop, /trace/wide and so on open the traces of src/testing/fakeTraces.ts.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Plugin } from 'vite';
import type { Problem, SpanDetails, Status, TraceLayout } from '../src/api/types';
import { FAKE_BASE, fakeTraceItems, layoutOf, MONSTERS } from '../src/testing/fakeTraces.ts';

const PAGE = 50;
const layouts = new Map<string, TraceLayout>();

export function fakeApi(): Plugin {
  return {
    name: 'fake-api',
    configureServer: (server) => void server.middlewares.use('/api/v1', answer),
    configurePreviewServer: (server) => void server.middlewares.use('/api/v1', answer),
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const parts = url.pathname.split('/').filter(Boolean);
  const body = route(parts, url.searchParams);
  response.setHeader('content-type', 'application/json');
  if (body === null) {
    response.statusCode = 404;
    response.end(JSON.stringify({ status: 404, title: 'Not found', detail: 'There is no such thing.', parameter: null, found: null, expected: null, suggestion: null } satisfies Problem));
    return;
  }
  response.end(JSON.stringify(body));
}

function route(parts: string[], query: URLSearchParams): unknown {
  const [first, id, what] = parts;
  if (first === 'traces' && id === 'remedies') return { remedies: [{ kind: 'without', parameter: 'status', value: 'error', from: null, count: 100, isMore: true }, { kind: 'widen', parameter: 'from', value: null, from: 'now-24h', count: 31, isMore: false }] };
  if (first === 'traces' && !id) {
    if (query.get('service') === 'nothing') return { traces: [], next: null };
    const page = Number(query.get('after') ?? 0);
    return { traces: fakeTraceItems(PAGE, page * PAGE), next: page < 9 ? String(page + 1) : null };
  }
  if (first === 'traces' && id) return trace(id, what, parts[3], query);
  if (first === 'services') return { services: ['auth', 'cart', 'orders', 'payments', 'shop', 'shop-web', 'worker'].map((name, ordinal) => ({ name, ordinal, operationCount: 3, spanCount: 1200, lastStartUnixNanos: String(FAKE_BASE) })), isCut: false };
  if (first === 'operations') return { operations: ['GET /products', 'POST /checkout', 'click Buy'].map((name) => ({ service: query.get('service') ?? 'shop', name, kind: 'server', spanCount: 40, lastStartUnixNanos: String(FAKE_BASE) })), isCut: false };
  if (first === 'attributes') return { traceCount: 300, keys: [{ key: 'http.request.method', spanCount: 800, values: [{ value: 'GET', spanCount: 500 }, { value: 'POST', spanCount: 300 }], isCut: false }, { key: 'customer.tier', spanCount: 200, values: [{ value: 'gold', spanCount: 60 }, { value: 'silver', spanCount: 140 }], isCut: false }] };
  if (first === 'root-durations') return { traceCount: 300, p50Nanos: 300e6, p95Nanos: 900e6, p99Nanos: 1600e6, maxNanos: 2100e6 };
  if (first === 'status') return status();
  return null;
}

function trace(id: string, what: string | undefined, spanId: string | undefined, query: URLSearchParams): unknown {
  // Ids that begin with "dead" are not there; "growing" gets more of its spans every four seconds, until all of the shop's are there.
  if (id.startsWith('dead')) return null;
  if (id === 'growing' && what === 'layout') return growing();
  // List entries have ids of 32 digits: they all open the shop.
  const name = id in MONSTERS ? id : 'shop';
  let layout = layouts.get(name);
  if (!layout) layouts.set(name, (layout = layoutOf(MONSTERS[name]!())));
  if (what === 'layout') return layout;
  if (what === 'find') return { rows: layout.names.flatMap((n, i) => (n.includes(query.get('text') ?? '') ? layout.name.flatMap((c, row) => (c === i ? [row] : [])) : [])).sort((a, b) => a - b) };
  if (what === 'backlinks') return { links: [{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', service: 'worker', name: 'retry confirmation', startUnixNanos: String(FAKE_BASE), toSpanId: layout.spanId[0] }], isCut: false, searchedTraceCount: 120 };
  if (what === 'spans') return details(layout, (spanId ? [spanId] : (query.get('ids') ?? '').split(',')).map((one) => layout.spanId.indexOf(one)).filter((row) => row >= 0));
  return null;
}

let growingSince = 0;

function growing(): TraceLayout {
  const now = Date.now();
  if (now - growingSince > 60_000) growingSince = now;
  const [click] = MONSTERS['shop']!();
  const checkout = click!.children![0]!;
  checkout.children = checkout.children!.slice(0, 1 + Math.floor((now - growingSince) / 4_000));
  return { ...layoutOf([click!]), firstReceivedUnixNanos: String(BigInt(growingSince) * 1_000_000n) };
}

function details(layout: TraceLayout, rows: number[]): SpanDetails {
  return {
    traceId: layout.traceId,
    missing: [],
    resources: layout.services.map((service) => ({ service, schemaUrl: '', droppedAttributes: 0, attributes: { 'service.name': service, 'service.version': '1.4.2', 'host.name': 'node-7', 'telemetry.sdk.language': 'dotnet' } })),
    scopes: [{ name: 'Microsoft.AspNetCore', version: '10.0.0', schemaUrl: '', droppedAttributes: 0, attributes: {} }],
    spans: rows.map((row) => ({
      row,
      parentRow: layout.parent[row]!,
      spanId: layout.spanId[row]!,
      parentSpanId: layout.parent[row]! < 0 ? null : layout.spanId[layout.parent[row]!]!,
      name: layout.names[layout.name[row]!]!,
      service: layout.services[layout.service[row]!]!,
      kind: (['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const)[layout.kind[row]!]!,
      status: (['unset', 'ok', 'error'] as const)[layout.status[row]!]!,
      statusMessage: layout.status[row] === 2 ? 'The card was declined.' : '',
      startUnixNanos: String(FAKE_BASE + BigInt(layout.startNanos[row]!)),
      endUnixNanos: String(FAKE_BASE + BigInt(layout.startNanos[row]! + layout.durationNanos[row]!)),
      durationNanos: layout.durationNanos[row]!,
      resource: layout.service[row]!,
      scope: 0,
      traceState: '',
      flags: 1,
      droppedAttributes: 0,
      droppedEvents: 0,
      droppedLinks: 0,
      marks: layout.marks[row]! & 1 ? ['orphan'] : [],
      attributes: { 'http.request.method': 'POST', 'http.route': '/checkout', 'http.response.status_code': 402, 'order.id': 'A-1042', 'order.items_count': 3, 'order.total': 129.9, 'customer.id': 'c-77', 'customer.tier': 'gold', tags: ['gift', 'express'], 'db.query.text': 'SELECT id, sku, quantity FROM stock WHERE sku = ? AND warehouse = ?' },
      events: layout.status[row] === 2 ? [{ timeUnixNanos: String(FAKE_BASE + BigInt(layout.startNanos[row]! + 1e6)), name: 'exception', droppedAttributes: 0, attributes: { 'exception.type': 'Shop.CardDeclinedException', 'exception.message': 'The card was declined.', 'exception.stacktrace': 'Shop.CardDeclinedException: The card was declined.\n   at Shop.Payments.CardProvider.AuthorizeAsync(Card card) in /src/CardProvider.cs:line 41\n   at Shop.Payments.ChargeEndpoint.HandleAsync(ChargeRequest request) in /src/ChargeEndpoint.cs:line 27' } }] : [],
      links: row === 0 ? [{ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceState: '', flags: 1, droppedAttributes: 0, attributes: {} }] : [],
    })),
  };
}

function status(): Status {
  return {
    timeUnixNanos: String(BigInt(Date.now()) * 1_000_000n),
    version: '0.1.0',
    acceptsWrites: true,
    readOnlyReason: null,
    listeners: [
      { role: 'http', url: 'http://127.0.0.1:7070' },
      { role: 'otlpHttp', url: 'http://127.0.0.1:4318' },
      { role: 'otlpGrpc', url: 'http://127.0.0.1:4317' },
    ],
    store: { spanCount: process.env['FAKE_EMPTY'] ? 0 : 52_000, traceCount: 4_000, headSpanCount: 2_000, segmentCount: 3, segmentBytes: 3_500_000, logBytes: 900_000, headBytes: 1_000_000, duplicateRequestCount: 0 },
    process: { cpuSeconds: 12.4, allocatedBytes: 81_000_000, managedHeapBytes: 9_400_000, residentBytes: 121_000_000, collections: [14, 3, 1] },
    alarms: [],
    ingest: {
      sinceUnixNanos: String(FAKE_BASE), acceptedSpans: 52_000, rejectedSpans: {}, cuts: {}, refusedRequests: {}, turnedAwayRequests: { unsupportedMediaType: 2 },
      protocols: [{ protocol: 'otlpHttpProtobuf', requests: { accepted: 900 }, lastSeenUnixNanos: String(BigInt(Date.now() - 3000) * 1_000_000n) }], wireBytes: 1e7, bodyBytes: 2e7,
      recentRefusals: [{ timeUnixNanos: String(BigInt(Date.now() - 9000) * 1_000_000n), protocol: 'otlpHttpOther', reason: 'unsupportedMediaType', sentence: 'Content-Type text/plain is not OTLP: send application/x-protobuf or application/json.' }],
    },
  };
}
