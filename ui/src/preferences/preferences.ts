// What someone has chosen once for all pages, kept in the browser. Nothing here changes what a link shows to others.
import { useSyncExternalStore } from 'react';

export interface Preferences {
  utc: boolean;
  density: 'compact' | 'normal' | 'comfortable';
  isRailPinned: boolean;
  /** Whether single-letter keys work; people who speak to their computer switch them off (WCAG 2.1.4). */
  letterKeys: boolean;
}

export type SetPreferences = (change: Partial<Preferences>) => void;

const KEY = 'waymark.preferences';
const DEFAULTS: Preferences = { utc: false, density: 'normal', isRailPinned: false, letterKeys: true };
const DENSITIES: readonly Preferences['density'][] = ['compact', 'normal', 'comfortable'];
const listeners = new Set<() => void>();
let current = parsePreferences(read());

/** Whatever was kept, by any version, as preferences. */
export function parsePreferences(text: string | null): Preferences {
  let kept: unknown;
  try {
    kept = JSON.parse(text ?? '{}');
  } catch {
    kept = {};
  }
  const found = (typeof kept === 'object' && kept !== null ? kept : {}) as Partial<Record<keyof Preferences, unknown>>;
  const flag = (value: unknown, otherwise: boolean) => (typeof value === 'boolean' ? value : otherwise);
  return {
    utc: flag(found.utc, DEFAULTS.utc),
    density: DENSITIES.find((density) => density === found.density) ?? DEFAULTS.density,
    isRailPinned: flag(found.isRailPinned, DEFAULTS.isRailPinned),
    letterKeys: flag(found.letterKeys, DEFAULTS.letterKeys),
  };
}

export function preferences(): Preferences {
  return current;
}

export const setPreferences: SetPreferences = (change) => {
  adopt({ ...current, ...change });
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Storage is off or full: the choice lasts as long as the page.
  }
};

export function usePreferences(): Preferences & { set: SetPreferences } {
  const now = useSyncExternalStore(subscribe, preferences, preferences);
  return { ...now, set: setPreferences };
}

/** For code outside React. Returns the way to stop. */
export function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function adopt(next: Preferences): void {
  current = next;
  for (const listener of listeners) listener();
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

// Another tab changed something.
if (typeof window !== 'undefined') window.addEventListener('storage', (event) => event.key === KEY && adopt(parsePreferences(event.newValue)));
