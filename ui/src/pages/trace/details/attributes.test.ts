// Attributes: nothing is lost in grouping, search finds in keys and values, and values keep their meaning however they are laid out.
import { describe, expect, it } from 'vitest';
import type { Attributes } from '../../../api/types';
import { breakSql, canFilterBy, groupAttributes, searchAttributes, showValue, valueText } from './attributes';

const CHECKOUT: Attributes = {
  'http.request.method': 'POST',
  'http.response.status_code': 402,
  'order.id': 'A-1042',
  'order.total': 129.9,
  'customer.id': 'c-77',
  tags: ['gift', 'express'],
  'db.query.text': 'SELECT 1',
  'thread.id': 7,
};

describe('groups of attributes', () => {
  it('put the application first, then conventions in the order people look for them', () =>
    expect(groupAttributes(CHECKOUT).map((g) => [g.name, g.attributes.map((a) => a.key)])).toEqual([
      ['order', ['order.id', 'order.total']],
      ['', ['customer.id', 'tags']],
      ['http', ['http.request.method', 'http.response.status_code']],
      ['db', ['db.query.text']],
      ['thread', ['thread.id']],
    ]));

  it('hold every attribute once', () => {
    const odd: Attributes = { '': 1, '.': 2, '.a': 3, 'a.': 4, a: 5, 'a.b.c': 6, __proto: 7, constructor: 8, 'http.x': 9 };
    const all = groupAttributes(odd).flatMap((g) => g.attributes);
    expect(Object.fromEntries(all.map((a) => [a.key, a.value]))).toEqual(odd);
    expect(all).toHaveLength(Object.keys(odd).length);
  });

  it('are none of nothing', () => expect(groupAttributes({})).toEqual([]));
});

describe('search among attributes', () => {
  const keys = (text: string) => searchAttributes(groupAttributes(CHECKOUT), text).flatMap((g) => g.attributes.map((a) => a.key));
  it.each([
    ['ORDER', ['order.id', 'order.total']],
    ['402', ['http.response.status_code']],
    ['express', ['tags']],
    ['id=c-', ['customer.id']],
    ['http post', ['http.request.method']],
    ['nothing like it', []],
  ])('%s', (text, expected) => expect(keys(text)).toEqual(expected));
  it('leaves all for no text', () => expect(keys('  ')).toHaveLength(Object.keys(CHECKOUT).length));
});

describe('values', () => {
  const form = (value: Attributes[string], key = 'a') => showValue({ key, value });
  it('are told apart by form', () => {
    expect(form('')).toEqual({ form: 'empty', text: '', isLong: false });
    expect(form('POST').form).toBe('plain');
    expect(form('a\nb').form).toBe('lines');
    expect(form(true)).toMatchObject({ form: 'number', text: 'true' });
    expect(form(null)).toMatchObject({ form: 'number', text: 'null' });
    expect(form(['gift', 'express'])).toMatchObject({ form: 'json', text: '["gift", "express"]' });
    expect(form({ a: { b: [1, { c: null }] } })).toMatchObject({ form: 'json', text: '{ "a": { "b": [1, { "c": null }] } }' });
    expect(form('{"a":1}')).toMatchObject({ form: 'json', text: '{ "a": 1 }' });
    expect(form('[not json]').form).toBe('plain');
    expect(form('SELECT 1', 'db.query.text').form).toBe('sql');
    expect(form('SELECT one of these', 'note').form).toBe('plain');
  });

  it('lay long JSON out without changing it', () => {
    const value = { list: Array.from({ length: 40 }, (_, i) => ({ i, name: `n${i}` })) };
    for (const given of [value, JSON.stringify(value)]) {
      const { text, isLong } = form(given);
      expect(JSON.parse(text)).toEqual(value);
      expect(isLong).toBe(true);
    }
  });

  it('never round numbers of text', () => expect(form('{"id":12345678901234567890}').text).toBe('{"id":12345678901234567890}'));

  it('are copied as they came', () => {
    expect(valueText('x y')).toBe('x y');
    expect(valueText(['a', 1])).toBe('["a",1]');
  });

  it('can be filtered by when they are plain', () => {
    expect(canFilterBy({ key: 'a', value: 5 })).toBe(true);
    expect(canFilterBy({ key: 'a', value: false })).toBe(true);
    for (const value of [null, '', [], {}]) expect(canFilterBy({ key: 'a', value })).toBe(false);
    expect(canFilterBy({ key: 'a=b', value: 1 })).toBe(false);
  });
});

describe('SQL', () => {
  it('gets a line for each clause', () =>
    expect(breakSql('SELECT id, sku FROM stock s LEFT JOIN sites w ON w.id = s.site WHERE sku = ? GROUP BY id ORDER BY id LIMIT 5')).toBe(
      'SELECT id, sku\nFROM stock s\nLEFT JOIN sites w ON w.id = s.site\nWHERE sku = ?\nGROUP BY id\nORDER BY id\nLIMIT 5',
    ));
  it('leaves quoted text alone', () => {
    const sql = "SELECT 'it''s from  where' AS a, \"order by\" FROM t WHERE note = 'x  limit 1 from y' AND b = 2";
    expect(breakSql(sql)).toContain("'x  limit 1 from y'");
    expect(breakSql(sql)).toContain("'it''s from  where'");
    expect(breakSql(sql)).toContain('"order by"\nFROM t\nWHERE');
  });
  it('differs from what was sent in white space alone', () => {
    const sql = 'INSERT INTO orders (id, set_id, value)   VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value RETURNING id';
    expect(breakSql(sql).replace(/\s+/g, ' ')).toBe(sql.replace(/\s+/g, ' '));
  });
});
