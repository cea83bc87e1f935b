// Which window of the shell lies over the page: the palette or the keyboard help. One at a time.
import { useSyncExternalStore } from 'react';

export type Overlay = 'palette' | 'help' | null;

let current: Overlay = null;
/** What the palette starts with: a pasted id. */
let initialText = '';
const listeners = new Set<() => void>();

function show(next: Overlay, text = ''): void {
  current = next;
  initialText = text;
  for (const listener of listeners) listener();
}

export const palette = { open: (text = ''): void => show('palette', text), get initialText() { return initialText; } };
export const keyboardHelp = { open: (): void => show('help') };
export const closeOverlay = (): void => show(null);

export function useOverlay(): Overlay {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}
