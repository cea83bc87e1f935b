// A clock that moves every second, one for all who look at it, at rest while the tab is hidden.
import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

function tick(): void {
  if (document.hidden) return;
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  if (timer === null) {
    now = Date.now();
    timer = setInterval(tick, 1_000);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now, () => now);
}

/** What the clock makes of something, "5 s ago": whoever uses it is drawn again only when that changes. */
export function useOfNow(text: (nowMillis: number) => string): string {
  const read = () => text(now);
  return useSyncExternalStore(subscribe, read, read);
}
