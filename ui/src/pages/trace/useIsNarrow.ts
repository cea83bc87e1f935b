// Whether the window is too narrow for things to stand side by side.
import { useSyncExternalStore } from 'react';

const NARROW = '(max-width: 1099px)';

export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(NARROW).matches);
}

function subscribe(listener: () => void): () => void {
  const query = matchMedia(NARROW);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}
