// Sends made-up traces over OTLP/HTTP, as an SDK would: the shapes of src/testing/fakeTraces.ts, through the real store.
import { gzipSync } from 'node:zlib';
import type { FakeSpan as Shape } from '../../src/testing/fakeTraces';

const SPANS_PER_REQUEST = 10_000;

/** A made-up span that may carry attributes. */
export interface FakeSpan extends Omit<Shape, 'children'> {
  attributes?: Record<string, string>;
  children?: FakeSpan[];
}

interface Sent {
  service: string;
  span: Record<string, unknown>;
}

/** Stores a forest as one trace that started `agoMs` ago and returns its id. Span ids count from 1 in pre-order. */
export async function sendTrace(otlp: string, tops: FakeSpan[], agoMs = 60_000, traceId = randomHex(32)): Promise<string> {
  await post(otlp, spansOf(tops, agoMs, traceId));
  return traceId;
}

/** Many small traces at once, in few requests. */
export async function sendTraces(otlp: string, traces: readonly { tops: FakeSpan[]; agoMs: number }[]): Promise<void> {
  await post(otlp, traces.flatMap(({ tops, agoMs }) => spansOf(tops, agoMs, randomHex(32))));
}

export const spanIdOf = (row: number) => (row + 1).toString(16).padStart(16, '0');

/** One span alone, for a trace that grows: `parentSpanId` may be of a span sent before. */
export async function sendSpan(otlp: string, traceId: string, spanId: string, parentSpanId: string, span: FakeSpan, agoMs: number): Promise<void> {
  await post(otlp, [{ service: span.service, span: toOtlp(span, traceId, spanId, parentSpanId, baseOf(agoMs)) }]);
}

const baseOf = (agoMs: number) => BigInt(Date.now() - Math.round(agoMs)) * 1_000_000n;

function spansOf(tops: FakeSpan[], agoMs: number, traceId: string): Sent[] {
  const base = baseOf(agoMs);
  const spans: Sent[] = [];
  const stack = tops.map((span) => ({ span, parent: '' })).reverse();
  while (stack.length > 0) {
    const { span, parent } = stack.pop()!;
    const spanId = spanIdOf(spans.length);
    spans.push({ service: span.service, span: toOtlp(span, traceId, spanId, span.orphan ? 'f'.repeat(16) : parent, base) });
    for (const child of [...(span.children ?? [])].reverse()) stack.push({ span: child, parent: spanId });
  }
  return spans;
}

function toOtlp(span: FakeSpan, traceId: string, spanId: string, parentSpanId: string, base: bigint): Record<string, unknown> {
  const at = (ms: number) => String(base + BigInt(Math.round(ms * 1e6)));
  return {
    traceId,
    spanId,
    ...(parentSpanId ? { parentSpanId } : {}),
    name: span.name,
    kind: span.kind ?? 1,
    startTimeUnixNano: at(span.start),
    endTimeUnixNano: at(span.start + span.duration),
    ...(span.attributes ? { attributes: Object.entries(span.attributes).map(([key, stringValue]) => ({ key, value: { stringValue } })) } : {}),
    ...(span.status ? { status: { code: span.status, message: 'It failed.' } } : {}),
    events: (span.events ?? []).map((event) => ({ name: 'note', timeUnixNano: at(event) })),
  };
}

async function post(otlp: string, spans: readonly Sent[]): Promise<void> {
  for (let first = 0; first < spans.length; first += SPANS_PER_REQUEST) await postOne(otlp, spans.slice(first, first + SPANS_PER_REQUEST));
}

async function postOne(otlp: string, spans: readonly Sent[]): Promise<void> {
  const byService = new Map<string, Sent[]>();
  for (const sent of spans) {
    const list = byService.get(sent.service);
    if (list) list.push(sent);
    else byService.set(sent.service, [sent]);
  }
  const resourceSpans = [...byService].map(([service, list]) => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
    scopeSpans: [{ scope: { name: 'journey' }, spans: list.map((s) => s.span) }],
  }));
  const answer = await fetch(`${otlp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: new Uint8Array(gzipSync(JSON.stringify({ resourceSpans }))),
  });
  if (!answer.ok) throw new Error(`The server answered ${answer.status}: ${await answer.text()}`);
}

export function randomHex(digits: number): string {
  return Array.from({ length: digits }, () => Math.floor(Math.random() * 16).toString(16)).join('');
}
