// Every form in which people have a trace at hand opens it; what is none opens nothing.
import { describe, expect, it } from 'vitest';
import { parseTraceReference, referencePath } from './traceReference';

const ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const SHORT = '48485a3953bb6124';
const PADDED = `0000000000000000${SHORT}`;

describe('a trace reference', () => {
  it.each([
    [ID, ID, null],
    [`  ${ID.toUpperCase()}\n`, ID, null],
    [`"${ID}",`, ID, null],
    [`0x${ID}`, ID, null],
    [SHORT, PADDED, null],
    ['0af76519-16cd-43dd-8448-eb211c80319c', ID, null],
    [`00-${ID}-${SPAN}-01`, ID, SPAN],
    [`traceparent: 00-${ID}-${SPAN}-01`, ID, SPAN],
    [`curl -H 'Traceparent: 00-${ID}-${SPAN}-00' http://shop/`, ID, SPAN],
    [`cc-${ID}-${SPAN}-01-what-the-future-will-be`, ID, SPAN],
    [`00-${ID}-0000000000000000-01`, ID, null],
    [`${ID}-${SPAN}-1-05e3ac9a4f6e3b90`, ID, SPAN],
    [`b3: ${SHORT}-${SPAN}-d`, PADDED, SPAN],
    [`uber-trace-id: ${ID}:${SPAN}:0:1`, ID, SPAN],
    [`${SHORT}:a:0:1`, PADDED, '000000000000000a'],
    ['X-Amzn-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1', '5759e988bd862e3fe1be46a994272793', null],
    [`http://localhost:16686/trace/${ID}`, ID, null],
    [`http://localhost:16686/trace/${ID}?uiFind=${SPAN}`, ID, SPAN],
    [`http://jaeger/trace/f7651916cd43dd8448eb211c80319c`, '00f7651916cd43dd8448eb211c80319c', null],
    [`http://zipkin:9411/zipkin/traces/${SHORT}`, PADDED, null],
    [`http://tempo:3200/api/traces/${ID}?mode=x`, ID, null],
    [`http://tempo:3200/api/v2/traces/v2/${ID}`, ID, null],
    [`https://grafana/explore?left=${encodeURIComponent(JSON.stringify({ queries: [{ queryType: 'traceql', query: ID }] }))}`, ID, null],
    [`https://waymark/base/trace/${ID}?span=${SPAN}&tab=events`, ID, SPAN],
    [`{"traceId":"${ID}","spanId":"${SPAN}"}`, ID, SPAN],
    [`level=info trace_id=${SHORT} span_id=${SPAN} msg=paid`, PADDED, SPAN],
    [`the order failed, see ${ID} please`, ID, null],
  ])('is found in %s', (text, traceId, spanId) => expect(parseTraceReference(text)).toEqual({ traceId, spanId }));

  it.each([
    '',
    'payments',
    'deadbeef',
    '0'.repeat(32),
    '0'.repeat(16),
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `${ID}a`,
    'https://example.org/about',
    'POST /checkout',
    `${ID} and ${ID.replace('0', '1')}`,
    '%E0%A4%A',
    'a'.repeat(10_000),
  ])('is not found in %s', (text) => expect(parseTraceReference(text)).toBeNull());

  it('reads its own addresses', () => {
    const reference = { traceId: ID, spanId: SPAN };
    expect(parseTraceReference(`https://waymark.example${referencePath(reference)}`)).toEqual(reference);
  });
});
