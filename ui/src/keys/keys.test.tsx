// @vitest-environment happy-dom
// Keys: sequences, fields, the switch for single letters, and who wins.
import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setPreferences } from '../preferences/preferences';
import { alternatives, listenForKeys, useKeyGroups, useKeys } from './keys';
import { strokeWords } from './words';

let stop: () => void;
beforeEach(() => (stop = listenForKeys()));
afterEach(() => {
  stop();
  cleanup();
  setPreferences({ letterKeys: true });
  document.body.innerHTML = '';
});

function press(key: string, init: KeyboardEventInit = {}, target: EventTarget = document.body): KeyboardEvent {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  return event;
}

function add<T extends HTMLElement>(tag: string): T {
  const element = document.createElement(tag) as T;
  document.body.append(element);
  return element;
}

function bind(keys: string, more: { inFields?: boolean } = {}) {
  const run = vi.fn();
  renderHook(() => useKeys('Test', [{ keys, label: keys, run, ...more }]));
  return run;
}

describe('keys', () => {
  it('run what is bound, and the browser does nothing of its own', () => {
    const run = bind('r');
    expect(press('r').defaultPrevented).toBe(true);
    expect(press('x').defaultPrevented).toBe(false);
    expect(run).toHaveBeenCalledOnce();
  });
  it('tell small from capital letters, also written with Shift', () => {
    const small = bind('e');
    const capital = bind('Shift+C');
    press('E', { shiftKey: true });
    press('C', { shiftKey: true });
    expect([small.mock.calls.length, capital.mock.calls.length]).toEqual([0, 1]);
  });
  it('take Ctrl and Cmd for Mod', () => {
    const run = bind('Mod+K');
    press('k', { ctrlKey: true });
    press('k', { metaKey: true });
    press('k');
    expect(run).toHaveBeenCalledTimes(2);
  });
  it('wait for the second stroke, but not for ever', () => {
    const run = bind('g e');
    press('g');
    press('e');
    expect(run).toHaveBeenCalledOnce();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
    press('g');
    clock.mockReturnValue(1_001);
    press('e');
    clock.mockRestore();
    expect(run).toHaveBeenCalledOnce();
  });
  it('are off while someone types, unless they say otherwise', () => {
    const plain = bind('r');
    const everywhere = bind('Mod+K', { inFields: true });
    const field = add<HTMLInputElement>('input');
    press('r', {}, field);
    press('k', { ctrlKey: true }, field);
    expect([plain.mock.calls.length, everywhere.mock.calls.length]).toEqual([0, 1]);
  });
  it('work on a checkbox', () => {
    const run = bind('r');
    const box = add<HTMLInputElement>('input');
    box.type = 'checkbox';
    press('r', {}, box);
    expect(run).toHaveBeenCalledOnce();
  });
  it('leave Enter and Space to the button in focus', () => {
    const run = bind('Enter | Space');
    press('Enter', {}, add('button'));
    press(' ', {}, add('button'));
    expect(run).not.toHaveBeenCalled();
    press('Enter');
    expect(run).toHaveBeenCalledOnce();
  });
  it('are the dialog’s own while one is open', () => {
    const run = bind('r');
    const dialog = add<HTMLDialogElement>('dialog');
    dialog.setAttribute('open', '');
    press('r');
    dialog.remove();
    press('r');
    expect(run).toHaveBeenCalledOnce();
  });
  it('of single letters can be switched off; others stay', () => {
    const letter = bind('r');
    const sequence = bind('g e');
    const arrow = bind('ArrowDown');
    setPreferences({ letterKeys: false });
    press('r');
    press('g');
    press('e');
    press('ArrowDown');
    expect([letter, sequence, arrow].map((run) => run.mock.calls.length)).toEqual([0, 0, 1]);
  });
  it('go to the group that came last, and back when it leaves', () => {
    const first = vi.fn();
    const second = vi.fn();
    renderHook(() => useKeys('Page', [{ keys: 'r', label: 'one', run: first }]));
    const { unmount } = renderHook(() => useKeys('Panel', [{ keys: 'r', label: 'two', run: second }]));
    press('r');
    unmount();
    press('r');
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1]);
  });
  it('leave alone what another handler has dealt with', () => {
    const run = bind('ArrowDown');
    const list = add('div');
    list.addEventListener('keydown', (event) => event.preventDefault());
    press('ArrowDown', {}, list);
    expect(run).not.toHaveBeenCalled();
  });
  it('are listed, also after their words have changed', () => {
    const list = renderHook(() => useKeyGroups());
    const { rerender } = renderHook(({ label }) => useKeys('List', [{ keys: 'j', label, run: () => {} }]), { initialProps: { label: 'Next' } });
    act(() => rerender({ label: 'Next trace' }));
    expect(list.result.current.map((group) => group.bindings[0]?.label)).toEqual(['Next trace']);
  });
});

describe('a binding', () => {
  it('has alternatives', () => expect(alternatives('j | ArrowDown | Shift+c')).toEqual(['j', 'ArrowDown', 'C']));
  it('reads as keys', () => {
    expect(strokeWords('Mod+ArrowUp', false)).toEqual(['Ctrl', '↑']);
    expect(strokeWords('Mod+K', true)).toEqual(['⌘', 'K']);
    expect(strokeWords('E')).toEqual(['Shift', 'E']);
    expect(strokeWords('+')).toEqual(['+']);
  });
});
