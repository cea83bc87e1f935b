// @vitest-environment happy-dom
// The combobox by keyboard alone.
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Combobox, filterOptions } from './Combobox';

afterEach(cleanup);
const options = ['auth', 'cart', 'shop', 'shop-web', 'webshop'].map((value) => ({ value }));

function setUp(value = '') {
  const onChange = vi.fn();
  render(<Combobox label="Service" value={value} options={options} onChange={onChange} />);
  return { onChange, field: screen.getByRole<HTMLInputElement>('combobox', { name: 'Service' }) };
}

const active = (field: HTMLElement) => document.getElementById(field.getAttribute('aria-activedescendant') ?? '')?.textContent ?? null;

describe('the combobox', () => {
  it('opens with the arrow, moves, wraps and chooses', () => {
    const { field, onChange } = setUp();
    expect(field.getAttribute('aria-expanded')).toBe('false');
    fireEvent.keyDown(field, { key: 'ArrowDown' });
    expect([field.getAttribute('aria-expanded'), active(field)]).toEqual(['true', 'auth']);
    fireEvent.keyDown(field, { key: 'ArrowUp' });
    expect(active(field)).toBe('webshop');
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(onChange.mock.calls).toEqual([['webshop']]);
    expect(screen.queryByRole('listbox')).toBeNull();
  });
  it('filters by what is typed and keeps free text', () => {
    const { field, onChange } = setUp();
    fireEvent.change(field, { target: { value: 'shop' } });
    expect(screen.getAllByRole('option').map((option) => option.textContent)).toEqual(['shop', 'shop-web', 'webshop']);
    expect(active(field)).toBeNull();
    fireEvent.change(field, { target: { value: 'my own' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(onChange.mock.calls).toEqual([['my own']]);
  });
  it('shows all options when opened on a value', () => {
    const { field } = setUp('shop');
    fireEvent.click(field);
    expect(screen.getAllByRole('option')).toHaveLength(5);
  });
  it('closes first and gives up the text next on Esc', () => {
    const { field, onChange } = setUp('cart');
    fireEvent.change(field, { target: { value: 'sho' } });
    fireEvent.keyDown(field, { key: 'Escape' });
    expect([field.value, screen.queryByRole('listbox')]).toEqual(['sho', null]);
    fireEvent.keyDown(field, { key: 'Escape' });
    fireEvent.blur(field);
    expect([field.value, onChange.mock.calls.length]).toEqual(['cart', 0]);
  });
  it('settles when left', () => {
    const { field, onChange } = setUp();
    fireEvent.change(field, { target: { value: 'auth' } });
    fireEvent.blur(field);
    expect(onChange.mock.calls).toEqual([['auth']]);
  });
  it('lists what begins with the text first', () => expect(filterOptions(options, 'WEB').map((option) => option.value)).toEqual(['webshop', 'shop-web']));
});
