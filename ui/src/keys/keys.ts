// Keyboard shortcuts: pages say what keys do, the help lists them. Inactive while someone types.
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { preferences, setPreferences } from '../preferences/preferences';

export interface KeyBinding {
  /** As shown and matched: "?", "C" (with Shift), "Mod+K", "ArrowDown", two strokes "g e", or alternatives "j | ArrowDown". */
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
  // The functions change with every render; the help only cares for the words.
  const words = bindings.map((binding) => `${binding.keys}\t${binding.label}`).join('\n');
  useEffect(changed, [words, scope]);
}

/** Every group there is at present, for the help. */
export function useKeyGroups(): readonly KeyGroup[] {
  return useSyncExternalStore(subscribe, () => snapshot);
}

/** Whether single-letter keys work; people who speak to their computer switch them off (WCAG 2.1.4). */
export const letterKeys = {
  get on(): boolean {
    return preferences().letterKeys;
  },
  set on(value: boolean) {
    setPreferences({ letterKeys: value });
  },
};

/** Starts listening; called once by the shell. Returns the way to stop. */
export function listenForKeys(target: Window = window): () => void {
  target.addEventListener('keydown', onKeyDown);
  return () => target.removeEventListener('keydown', onKeyDown);
}

/** "Mod+K", "Shift+ArrowLeft", "?", "E". */
export function strokeOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>): string {
  const isLetter = event.key.length === 1;
  const isMod = event.ctrlKey || event.metaKey;
  const key = event.key === ' ' ? 'Space' : isMod && isLetter ? event.key.toUpperCase() : event.key;
  return `${isMod ? 'Mod+' : ''}${event.altKey ? 'Alt+' : ''}${event.shiftKey && !isLetter ? 'Shift+' : ''}${key}`;
}

/** The alternatives of a binding, as strokes are written: "Shift+C" is "C". */
export function alternatives(keys: string): string[] {
  return keys.split(' | ').map((one) => one.replace(/\bShift\+([A-Za-z])\b/g, (_, letter: string) => letter.toUpperCase()));
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || ['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return;
  // What lies over the page has the keys to itself; a button in focus has Enter and Space.
  if (document.querySelector('dialog[open]') || (isPressable(event.target) && (event.key === 'Enter' || event.key === ' '))) return;
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
  if (!typing && groups.some((g) => g.current.bindings.some((b) => alternatives(b.keys).some((keys) => keys.startsWith(`${stroke} `))))) pending = { stroke, at: now };
}

function find(keys: string, typing: boolean): KeyBinding | null {
  const isPlain = keys.split(' ').every((stroke) => stroke.length === 1);
  if (isPlain && !letterKeys.on) return null;
  for (let i = groups.length - 1; i >= 0; i--) {
    for (const binding of groups[i]!.current.bindings) {
      if (alternatives(binding.keys).includes(keys) && (!typing || binding.inFields)) return binding;
    }
  }
  return null;
}

function isField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=range])'))
  );
}

function isPressable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('button, a[href], summary, input[type=checkbox], input[type=radio]') !== null;
}

function changed(): void {
  snapshot = groups.map((g) => g.current);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
