// The checked-in API types are what the generator makes of the checked-in document. With WAYMARK_REGENERATE=1 it writes them: then look at the difference.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { generateApi, type JsonSchema, type OpenApi } from './generateApi.ts';

const schemaFile = fileURLToPath(new URL('../src/api/schema.ts', import.meta.url));

function typeOf(schema: JsonSchema): string {
  const text = generateApi({ components: { schemas: { It: schema } } });
  return text.slice(text.indexOf('export', text.indexOf('It') - 20)).trim();
}

test('src/api/schema.ts is what the generator makes of api/openapi.json', () => {
  const document = JSON.parse(readFileSync(new URL('../api/openapi.json', import.meta.url), 'utf8')) as OpenApi;
  const text = generateApi(document);
  if (process.env['WAYMARK_REGENERATE'] === '1') writeFileSync(schemaFile, text);
  expect(readFileSync(schemaFile, 'utf8')).toBe(text);
});

test('every word of the document becomes the type that holds exactly its values', () => {
  const cases: [JsonSchema, string][] = [
    [{ type: 'integer', format: 'int64' }, 'number'],
    [{ type: 'number' }, 'number'],
    [{ type: 'boolean' }, 'boolean'],
    [{ type: ['string', 'null'], pattern: '^x$' }, 'string | null'],
    [{ type: 'string', enum: ['a', "it's"] }, "'a' | 'it\\'s'"],
    [{ type: ['string', 'null'], enum: ['a'] }, "'a' | null"],
    [{ type: 'array', items: { type: 'integer' } }, 'number[]'],
    [{ type: 'array', items: { type: ['integer', 'null'] } }, '(number | null)[]'],
    [{ type: 'array', items: { type: 'array', items: { type: 'string', enum: ['a', 'b'] } } }, "('a' | 'b')[][]"],
    [{ type: 'object' }, '{ [key: string]: Json }'],
    [{ type: 'object', additionalProperties: { type: 'integer' } }, '{ [key: string]: number }'],
    [{ $ref: '#/components/schemas/Other' }, 'Other'],
    [{ description: 'Anything.' }, 'Json'],
  ];
  for (const [schema, type] of cases) expect(typeOf(schema)).toBe(`export type It = ${type};`);
});

test('an object becomes an interface with comments, optional properties and quoted names', () => {
  const schema: JsonSchema = {
    type: 'object',
    required: ['a', 'odd-name'],
    additionalProperties: false,
    properties: {
      a: { type: 'integer', description: 'Ends */ here.' },
      b: { type: ['object', 'null'], properties: { c: { type: 'string' } }, required: ['c'] },
      'odd-name': { type: 'array', items: { type: 'object', properties: { d: { type: 'boolean' } }, required: ['d'] } },
    },
  };
  expect(typeOf(schema)).toBe(
    ['export interface It {', '  /** Ends *\\/ here. */', '  a: number;', '  b?: {', '    c: string;', '  } | null;', "  'odd-name': {", '    d: boolean;', '  }[];', '}'].join('\n'),
  );
});

test('a word that the generator does not know is refused, not passed over', () => {
  expect(() => typeOf({ type: 'object', properties: { a: { oneOf: [] } as JsonSchema } })).toThrow('It.a: the generator does not know "oneOf"');
  expect(() => typeOf({ type: 'date' })).toThrow('"date"');
});
