// Snippets, addresses and the listener's words.
import { describe, expect, it } from 'vitest';
import { fakeTraceItems } from '../../testing/fakeTraces';
import { endpointsOf } from './endpoints';
import { highlight } from './highlight';
import { arrivalsOf, groupRefusals, protocolLabel } from './listener';
import { LANGUAGES, languageOf, OWN_NAME } from './snippets';

const listeners = [
  { role: 'http' as const, url: 'http://127.0.0.1:7070' },
  { role: 'otlpHttp' as const, url: 'http://127.0.0.1:14318' },
  { role: 'otlpGrpc' as const, url: 'http://[::1]:14317' },
];
const to = { http: 'http://waymark.example:14318', grpc: 'http://waymark.example:14317' };

describe('addresses', () => {
  it('are the listeners’ own on the same machine', () => expect(endpointsOf(listeners, { hostname: 'localhost', protocol: 'http:' })).toEqual({ http: 'http://127.0.0.1:14318', grpc: 'http://[::1]:14317' }));
  it('take the name the page was opened by elsewhere, and keep the port', () => expect(endpointsOf(listeners, { hostname: 'waymark.example', protocol: 'http:' })).toEqual(to));
  it('leave alone what already names a host', () =>
    expect(endpointsOf([{ role: 'otlpHttp', url: 'http://10.0.0.5:4318' }], { hostname: 'waymark.example', protocol: 'http:' })).toEqual({ http: 'http://10.0.0.5:4318', grpc: null }));
  it('fall back to the port of pages, which takes OTLP too', () => expect(endpointsOf([listeners[0]!], { hostname: '127.0.0.1', protocol: 'http:' }).http).toBe('http://127.0.0.1:7070'));
});

describe('snippets', () => {
  it.each(LANGUAGES.map((one) => [one.label, one] as const))('%s names this server and a service', (_, language) => {
    const steps = language.steps(to);
    const all = steps.map((step) => step.code).join('\n');
    expect(all).toMatch(/waymark\.example:1431[78]/);
    if (language.id !== 'collector') expect(all).toContain(OWN_NAME);
    expect(all).not.toMatch(/undefined|null\b/);
    expect(new Set(steps.map((step) => step.title)).size).toBe(steps.length);
  });
  it('offer no gRPC where there is none', () => {
    for (const language of LANGUAGES) expect(language.steps({ ...to, grpc: null }).map((step) => step.code).join('\n')).not.toContain(':14317');
  });
  it('have ids for addresses, each once', () => {
    expect(new Set(LANGUAGES.map((one) => one.id)).size).toBe(LANGUAGES.length);
    expect(languageOf('cobol').id).toBe('env');
    for (const one of LANGUAGES) expect(languageOf(one.id)).toBe(one);
  });
  it('lose nothing to the colours', () => {
    for (const language of LANGUAGES) {
      for (const step of language.steps(to)) expect(highlight(step.code, step.syntax, [OWN_NAME]).map((token) => token.text).join('')).toBe(step.code);
    }
  });
  it('colour comments, texts and the own word', () => {
    const kinds = (code: string, syntax: 'shell' | 'slash') => highlight(code, syntax, [OWN_NAME]).filter((token) => token.kind !== 'plain').map((token) => `${token.kind}:${token.text}`);
    expect(kinds('using X; // why', 'slash')).toEqual(['keyword:using', 'comment:// why']);
    expect(kinds('export A=checkout B="x" # y', 'shell')).toEqual(['own:checkout', 'string:"x"', 'comment:# y']);
    expect(kinds('curl http://x#y', 'shell')).toEqual([]);
  });
});

describe('the listener', () => {
  it('has a line per service, the one heard last first, its trace’s root before others', () => {
    const lines = arrivalsOf(fakeTraceItems(20));
    expect(new Set(lines.map((one) => one.service)).size).toBe(lines.length);
    expect(lines.map((one) => one.receivedMillis)).toEqual([...lines.map((one) => one.receivedMillis)].sort((a, b) => b - a));
    expect(lines[0]).toMatchObject({ service: 'shop', spanCount: 2 });
    const [trace] = fakeTraceItems(1, 5);
    expect(arrivalsOf([{ ...trace!, rootService: 'cart' }])[0]!.service).toBe('cart');
  });
  it('says a repeated refusal once, with its count', () => {
    const refusal = { timeUnixNanos: '3', protocol: 'otlpGrpc', reason: 'malformed', sentence: 'Not protobuf.' };
    expect(groupRefusals([refusal, { ...refusal, timeUnixNanos: '2' }, { ...refusal, reason: 'tooLarge' }])).toMatchObject([{ refusal: { timeUnixNanos: '3' }, count: 2 }, { count: 1 }]);
  });
  it('names protocols, and passes on those it does not know', () => expect(['otlpHttpJson', 'carrierPigeon'].map(protocolLabel)).toEqual(['OTLP/HTTP JSON', 'carrierPigeon']));
});
