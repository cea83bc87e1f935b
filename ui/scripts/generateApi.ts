// Writes TypeScript types for the native API from its OpenAPI document. It knows the few words of JSON Schema that Waymark's document uses and refuses others,
// so that a new word is noticed here and not as a type that is too wide.

export interface JsonSchema {
  type?: string | string[];
  description?: string;
  enum?: string[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  $ref?: string;
  // Say what values look like, not what type they have.
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  default?: unknown;
}

export interface OpenApi {
  components: { schemas: Record<string, JsonSchema> };
}

const KNOWN = new Set(['type', 'description', 'enum', 'items', 'properties', 'required', 'additionalProperties', '$ref', 'format', 'pattern', 'minimum', 'maximum', 'default']);
const REFERENCE = '#/components/schemas/';
const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/** The text of src/api/schema.ts. */
export function generateApi(document: OpenApi): string {
  const schemas = Object.entries(document.components.schemas).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    "// The native API's answers. Written by scripts/generateApi.ts from api/openapi.json; to change it, change the server's schemas, then: npm run generate",
    '',
    '/** Anything JSON can hold. */',
    'export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };',
    ...schemas.flatMap(([name, schema]) => ['', ...comment(schema, ''), declaration(name, schema)]),
    '',
  ].join('\n');
}

function declaration(name: string, schema: JsonSchema): string {
  const type = typeOf(schema, '', name);
  return isObject(schema) && schema.properties ? `export interface ${name} ${type}` : `export type ${name} = ${type};`;
}

/** @param path Where the schema stands, for messages. */
function typeOf(schema: JsonSchema, indent: string, path: string): string {
  for (const word of Object.keys(schema)) {
    if (!KNOWN.has(word)) throw new Error(`${path}: the generator does not know "${word}" of JSON Schema`);
  }
  if (schema.$ref !== undefined) {
    if (!schema.$ref.startsWith(REFERENCE)) throw new Error(`${path}: the reference ${schema.$ref} leads elsewhere`);
    return schema.$ref.slice(REFERENCE.length);
  }
  if (schema.type === undefined) return 'Json';
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  return types.map((type) => oneType(type, schema, indent, path)).join(' | ');
}

function oneType(type: string, schema: JsonSchema, indent: string, path: string): string {
  switch (type) {
    case 'null':
      return 'null';
    case 'boolean':
      return 'boolean';
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
      return schema.enum ? schema.enum.map((word) => quoted(word)).join(' | ') : 'string';
    case 'array': {
      if (!schema.items) return 'Json[]';
      const items = typeOf(schema.items, indent, `${path}[]`);
      return isUnion(schema.items) ? `(${items})[]` : `${items}[]`;
    }
    case 'object':
      return objectType(schema, indent, path);
    default:
      throw new Error(`${path}: the generator does not know the type "${type}"`);
  }
}

function objectType(schema: JsonSchema, indent: string, path: string): string {
  if (!schema.properties) {
    const values = typeof schema.additionalProperties === 'object' ? typeOf(schema.additionalProperties, indent, `${path}{}`) : 'Json';
    return `{ [key: string]: ${values} }`;
  }
  const inner = `${indent}  `;
  const lines = Object.entries(schema.properties).flatMap(([name, property]) => {
    const key = IDENTIFIER.test(name) ? name : quoted(name);
    const optional = schema.required?.includes(name) ? '' : '?';
    return [...comment(property, inner), `${inner}${key}${optional}: ${typeOf(property, inner, `${path}.${name}`)};`];
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}

/** Whether the type is written with alternatives, which an array of it must put in brackets. */
function isUnion(schema: JsonSchema): boolean {
  return (Array.isArray(schema.type) && schema.type.length > 1) || (schema.enum?.length ?? 0) > 1;
}

function isObject(schema: JsonSchema): boolean {
  return schema.type === 'object';
}

function comment(schema: JsonSchema, indent: string): string[] {
  return schema.description ? [`${indent}/** ${schema.description.replaceAll('*/', '*\\/')} */`] : [];
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
