// Filters typed in one line.
import { describe, expect, it } from 'vitest';
import type { FilterPart } from './filters';
import { parseQuick, printQuick, suggest, wordsOf, type Vocabulary } from './quickFilter';

const part = (field: FilterPart['field'], value: string): FilterPart => ({ field, value });

describe('a line of filters', () => {
  it.each<[string, FilterPart[]]>([
    ['service:shop', [part('service', 'shop')]],
    ['error', [part('status', 'error')]],
    ['status:ERROR', [part('status', 'error')]],
    ['status=ok', [part('status', 'ok')]],
    ['>500ms', [part('minDuration', '500ms')]],
    ['> 500 ms', [part('minDuration', '500ms')]],
    ['>=1.5s <2s', [part('minDuration', '1.5s'), part('maxDuration', '2s')]],
    ['duration:>1s', [part('minDuration', '1s')]],
    ['operation:"POST /checkout"', [part('operation', 'POST /checkout')]],
    ['"operation:POST /checkout"', [part('operation', 'POST /checkout')]],
    ['http.route=/checkout', [part('attribute', 'http.route=/checkout')]],
    ['msg="card \\"x\\" declined"', [part('attribute', 'msg=card "x" declined')]],
    ['a=b=c', [part('attribute', 'a=b=c')]],
    ['a = b', [part('attribute', 'a=b')]],
    ['a= "b c"', [part('attribute', 'a=b c')]],
    ['service: shop', [part('service', 'shop')]],
    ['service:""', [part('service', '')]],
    ['status == error', [part('status', 'error')]],
    ['a==b', [part('attribute', 'a=b')]],
    ['a="=b"', [part('attribute', 'a==b')]],
    ['a="!=b"', [part('attribute', 'a=!=b')]],
    ['duration > 500 ms', [part('minDuration', '500ms')]],
    ['duration<=2s', [part('maxDuration', '2s')]],
    ['service:shop AND error && k=v', [part('service', 'shop'), part('status', 'error'), part('attribute', 'k=v')]],
    ['operation:"a OR b"', [part('operation', 'a OR b')]],
    ['msg="it\'s (odd)"', [part('attribute', "msg=it's (odd)")]],
    ['url=http://x:80/y', [part('attribute', 'url=http://x:80/y')]],
    ['service:shop error  >500ms k=v', [part('service', 'shop'), part('status', 'error'), part('minDuration', '500ms'), part('attribute', 'k=v')]],
    ['', []],
  ])('%j', (line, parts) => expect(parseQuick(line)).toEqual({ parts, problem: null, traceId: null }));

  it.each([
    ['status!=error', 'leave something out'],
    ['http.route != /checkout', 'leave something out'],
    ['-error', 'leave something out'],
    ['!error', 'leave something out'],
    ['NOT error', 'leave something out'],
    ['k!~x', 'leave something out'],
    ['k=~"sh.*"', 'is a pattern'],
    ['error OR service:shop', 'no “or”'],
    ['error || service:shop', 'no “or”'],
    ['{ status = error }', 'Brackets'],
    ['(error)', 'Brackets'],
    ['{.http.route="/x"}', 'Brackets'],
    ['.http.route=/x', 'without the dot'],
    ['http.status_code>499', 'equality only'],
    ['http.status_code > 499', 'equality only'],
    ['service:"my shop', 'not closed'],
    ["service='my shop'", 'double quotes'],
    ["k='v'", 'double quotes'],
    ['service:', 'Which service'],
    ['operation:', 'value is missing'],
    ['k=', 'no value'],
    ['500ms', 'Write >500ms'],
    ['http.status_code:500', 'write http.status_code=500'],
    ['service:a service:b', 'Only one service'],
    ['duration=500ms', 'a direction'],
  ])('answers %j with a sentence', (line, words) => {
    expect(parseQuick(line).problem).toContain(words);
  });

  it.each([['checkout', 'not a filter'], ['>fast', 'not a duration'], ['status:broken', 'not a status'], ['kind:x', 'not a kind'], ['=x', 'no key'], ['>', 'duration is missing']])('says what is wrong with %j', (line, words) => {
    expect(parseQuick(line).problem).toContain(words);
  });

  it('opens a pasted trace id or traceparent', () => {
    const id = '0af7651916cd43dd8448eb211c80319c';
    expect(parseQuick(` ${id.toUpperCase()} `).traceId).toBe(id);
    expect(parseQuick(`00-${id}-b7ad6b7169203331-01`).traceId).toBe(id);
    for (const line of [`trace:${id}`, `traceId = "${id}"`, `trace_id=${id}`]) expect(parseQuick(line).traceId).toBe(id);
  });

  it('reads what it prints', () => {
    const values = ['shop', 'a b', 'quote " and \\ slash', 'x=y', '=x', '!=x', '~x', "'x'", '{x}', '-x', 'OR', '>5', '🛒', '  ', ''];
    for (const value of values) {
      const parts = [part('service', value), part('attribute', `key=${value}`), part('attribute', `my key=${value}`), part('minDuration', '5ms')];
      expect(parseQuick(printQuick(parts)).parts).toEqual(parts);
    }
  });

  it('parts words at blanks outside quotes', () => expect(wordsOf(' a  "b c"d "" ')?.map((word) => word.text)).toEqual(['a', 'b cd', '']));
});

describe('suggestions', () => {
  const vocabulary: Vocabulary = {
    services: [{ name: 'shop', spanCount: 3 }, { name: 'my shop', spanCount: 1 }],
    operations: [{ name: 'POST /checkout', spanCount: 2 }],
    attributes: [{ key: 'http.route', spanCount: 5, values: [{ value: '/a b', spanCount: 4 }], isCut: false }],
  };
  const lines = (line: string) => suggest(line, vocabulary).map((one) => one.line);

  it('complete the last word only', () => expect(lines('error service:sh')).toEqual(['error service:shop', 'error service:"my shop"']));
  it('lead from a key to its values', () => {
    expect(suggest('http', vocabulary)).toEqual([{ line: 'http.route=', word: 'http.route=', detail: '5 spans', isOpen: true }]);
    expect(lines('http.route=')).toEqual(['"http.route=/a b"']);
  });
  it('find services and operations by a bare word', () => {
    expect(lines('check')).toEqual(['operation:"POST /checkout"']);
    expect(lines('sho')).toContain('service:shop');
  });
  it('are lines that can be read once they are whole', () => {
    for (const line of ['', 's', 'service:', 'http.route=', 'operation:', 'status:', 'kind:', 'e']) {
      for (const one of suggest(line, vocabulary)) if (!one.isOpen) expect(parseQuick(one.line).problem).toBeNull();
    }
  });
});
