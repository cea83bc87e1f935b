// Dark or light: what was chosen, else what the system says. index.html sets the attribute before the first paint from the same stored word.
import { useSyncExternalStore } from 'react';
import { SERVICE_SLOTS } from '../colours/services';

export type Theme = 'dark' | 'light';
export type ThemeSetting = Theme | 'system';

/** Resolved colours, for canvases. */
export interface Tokens {
  bg: string;
  surface: string;
  raised: string;
  text: string;
  muted: string;
  accent: string;
  error: string;
  warn: string;
  ok: string;
  border: string;
  control: string;
  critical: string;
  criticalHalo: string;
  services: string[];
  /** The reader's system forces its own colours: draw outlines. */
  isForced: boolean;
}

const KEY = 'waymark.theme';
const listeners = new Set<() => void>();
const query = (text: string) => (typeof matchMedia === 'undefined' ? null : matchMedia(text));
const prefersDark = query('(prefers-color-scheme: dark)');
const forced = query('(forced-colors: active)');
let setting = readSetting();
let snapshot = resolve();
let tokens: Tokens | null = null;

export function useTheme(): { theme: Theme; setting: ThemeSetting; set: (setting: ThemeSetting) => void } {
  const now = useSyncExternalStore(subscribe, () => snapshot);
  return { ...now, set: setTheme };
}

export function useTokens(): Tokens {
  return useSyncExternalStore(subscribe, () => (tokens ??= readTokens()));
}

export function setTheme(next: ThemeSetting): void {
  setting = next;
  try {
    if (next === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // Storage is off: the choice lasts as long as the page.
  }
  changed();
}

function resolve(): { theme: Theme; setting: ThemeSetting } {
  // Forced colours come with their own ground, which the system's preference follows; a choice made here would not.
  const bySystem = setting === 'system' || forced?.matches;
  return { setting, theme: bySystem ? (prefersDark?.matches === false ? 'light' : 'dark') : (setting as Theme) };
}

function readSetting(): ThemeSetting {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === 'dark' || kept === 'light' ? kept : 'system';
  } catch {
    return 'system';
  }
}

function readTokens(): Tokens {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    bg: token('bg'),
    surface: token('surface'),
    raised: token('raised'),
    text: token('text'),
    muted: token('muted'),
    accent: token('accent'),
    error: token('error'),
    warn: token('warn'),
    ok: token('ok'),
    border: token('border'),
    control: token('control'),
    critical: token('critical'),
    criticalHalo: token('critical-halo'),
    services: Array.from({ length: SERVICE_SLOTS }, (_, slot) => token(`service-${slot}`)),
    isForced: forced?.matches ?? false,
  };
}

function changed(): void {
  snapshot = resolve();
  document.documentElement.dataset['theme'] = snapshot.theme;
  tokens = null;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

prefersDark?.addEventListener('change', changed);
forced?.addEventListener('change', changed);
if (typeof window !== 'undefined') {
  document.documentElement.dataset['theme'] = snapshot.theme;
  window.addEventListener('storage', (event) => {
    if (event.key !== KEY) return;
    setting = readSetting();
    changed();
  });
}
