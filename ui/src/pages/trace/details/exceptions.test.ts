// Exceptions among events, which ancestors fit a line, which of several spans is shown, and where links lead.
import { describe, expect, it } from 'vitest';
import type { SpanDetail, SpanDetails } from '../../../api/types';
import { crumbsOf } from './crumbs';
import { readException } from './exceptions';
import { exploreByAttribute } from './exploreLink';
import { pickSpan } from './useSpanDetails';

const event = (name: string, attributes: SpanDetail['events'][number]['attributes']) => ({ timeUnixNanos: '0', name, droppedAttributes: 0, attributes });

describe('an exception', () => {
  it('is read from the attributes of the conventions; the rest stays', () =>
    expect(
      readException(event('exception', { 'exception.type': 'E', 'exception.message': 'm', 'exception.stacktrace': 'at x', 'exception.escaped': 'true', 'retry.count': 2 })),
    ).toEqual({ type: 'E', message: 'm', stackTrace: 'at x', isEscaped: true, rest: { 'retry.count': 2 } }));
  it('may have another event name', () => expect(readException(event('failed', { 'exception.type': 'E' }))?.type).toBe('E'));
  it('may lack everything', () => expect(readException(event('exception', {}))).toEqual({ type: '', message: '', stackTrace: '', isEscaped: false, rest: {} }));
  it('is not any event', () => expect(readException(event('cache miss', { key: 'a' }))).toBeNull());
});

describe('ancestors', () => {
  it('all stand where they fit', () => expect(crumbsOf([0, 1, 2, 3, 4, 5])).toHaveLength(6));
  it('keep the root and the nearest where they don’t', () =>
    expect(crumbsOf(Array.from({ length: 5_000 }, (_, i) => i))).toEqual([
      { kind: 'row', row: 0 },
      { kind: 'leftOut', count: 4_995 },
      ...[4_996, 4_997, 4_998, 4_999].map((row) => ({ kind: 'row', row })),
    ]));
});

describe('of spans that share an id', () => {
  const answer = { spans: [{ row: 9, resource: 0, scope: 0 }, { row: 4, resource: 1, scope: 0 }], resources: ['a', 'b'], scopes: ['s'] } as unknown as SpanDetails;
  it('the nth by row is shown, with its resource and scope', () => {
    expect(pickSpan(answer, 0)).toMatchObject({ span: { row: 4 }, resource: 'b', scope: 's' });
    expect(pickSpan(answer, 1)).toMatchObject({ span: { row: 9 }, resource: 'a' });
  });
  it('none is shown when there is none', () => expect(pickSpan(answer, 2)).toBeNull());
});

describe('the way to traces with an attribute', () => {
  const attribute = { key: 'http.route', value: '/a?b=c&d' };
  const now = 1_800_000_000_000;
  it('asks for the last day when the trace is of it', () => {
    const query = new URLSearchParams(exploreByAttribute(attribute, now - 3_600_000, now).split('?', 2)[1]);
    expect([...query]).toEqual([
      ['attribute', 'http.route=/a?b=c&d'],
      ['from', 'now-24h'],
    ]);
  });
  it('asks for the day around an older one', () => {
    const at = now - 90 * 86_400_000;
    const query = new URLSearchParams(exploreByAttribute({ key: 'n', value: 5 }, at, now).split('?', 2)[1]);
    expect(query.get('attribute')).toBe('n=5');
    expect(Number(query.get('from'))).toBeLessThan(at);
    expect(Number(query.get('to'))).toBeGreaterThan(at);
  });
});
