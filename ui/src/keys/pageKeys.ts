// The keys every page may answer to in its own way: "/" for its search field, "r" for its data.
import { useKeys, type KeyBinding } from './keys';

export interface PageKeys {
  /** Puts the focus into the page's search field. */
  search?: (() => void) | undefined;
  refresh?: (() => void) | undefined;
}

export function usePageKeys({ search, refresh }: PageKeys): void {
  const bindings: KeyBinding[] = [];
  if (search) bindings.push({ keys: '/', label: 'Search on this page', run: search });
  if (refresh) bindings.push({ keys: 'r', label: 'Refresh', run: refresh });
  useKeys('Global', bindings);
}
