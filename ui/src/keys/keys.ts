// Keyboard shortcuts: pages say what keys do, the help lists them. Inactive while someone types.
import { useEffect, useRef, useSyncExternalStore } from 'react';

export interface KeyBinding {
  /** As shown and matched: "?", "Shift+C", "Mod+K", "ArrowDown", or two strokes "g e". Letters match case-sensitively without naming Shift. */
  keys: string;
  /** What it does, for the help: "Next error". */
  label: string;
  run(event: KeyboardEvent): void;
  /** Also while a text field has the focus. */
  inFields?: boolean;
}

export interface KeyGroup {
  /** "Global", "List", "Waterfall". */
  scope: string;
  bindings: readonly KeyBinding[];
}

const SEQUENCE_MS = 1_000;
const groups: { current: KeyGroup }[] = [];
const listeners = new Set<() => void>();
let snapshot: readonly KeyGroup[] = [];
let pending: { stroke: string; at: number } | null = null;

/** Registers a group while the component is mounted. Later groups win over earlier ones. */
export function useKeys(scope: string, bindings: readonly KeyBinding[]): void {
  const group = useRef<KeyGroup>({ scope, bindings });
  group.current = { scope, bindings };
  useEffect(() => {
    groups.push(group);
    changed();
    return () => {
      groups.splice(groups.indexOf(group), 1);
      changed();
    };
  }, []);
}

/** Every group there is at present, for the help. */
export function useKeyGroups(): readonly KeyGroup[] {
  return useSyncExternalStore(subscribe, () => snapshot);
}

/** Whether single-letter keys work; people who speak to their computer switch them off (WCAG 2.1.4). */
export const letterKeys = {
  get on(): boolean {
    return localStorage.getItem('waymark.letterKeys') !== 'off';
  },
  set on(value: boolean) {
    localStorage.setItem('waymark.letterKeys', value ? 'on' : 'off');
  },
};

/** Starts listening; called once by the shell. Returns the way to stop. */
export function listenForKeys(target: Window = window): () => void {
  target.addEventListener('keydown', onKeyDown);
  return () => target.removeEventListener('keydown', onKeyDown);
}

/** "Mod+K", "Shift+ArrowLeft", "?", "E". */
export function strokeOf(event: KeyboardEvent): string {
  const isLetter = event.key.length === 1;
  const key = event.ctrlKey || event.metaKey ? (isLetter ? event.key.toUpperCase() : event.key) : event.key === ' ' ? 'Space' : event.key;
  return `${event.ctrlKey || event.metaKey ? 'Mod+' : ''}${event.altKey ? 'Alt+' : ''}${event.shiftKey && !isLetter ? 'Shift+' : ''}${key}`;
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const stroke = strokeOf(event);
  const typing = isField(event.target);
  const now = performance.now();
  const both = pending && now - pending.at < SEQUENCE_MS ? `${pending.stroke} ${stroke}` : null;
  pending = null;
  const found = (both && find(both, typing)) || find(stroke, typing);
  if (found) {
    event.preventDefault();
    found.run(event);
    return;
  }
  if (!typing && groups.some((g) => g.current.bindings.some((b) => b.keys.startsWith(`${stroke} `)))) pending = { stroke, at: now };
}

function find(keys: string, typing: boolean): KeyBinding | null {
  const isPlain = !keys.includes('+') && keys.split(' ').every((stroke) => stroke.length === 1);
  if (isPlain && !letterKeys.on) return null;
  for (let i = groups.length - 1; i >= 0; i--) {
    for (const binding of groups[i]!.current.bindings) {
      if (binding.keys.split(' | ').includes(keys) && (!typing || binding.inFields)) return binding;
    }
  }
  return null;
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=range])'));
}

function changed(): void {
  snapshot = groups.map((g) => g.current);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
