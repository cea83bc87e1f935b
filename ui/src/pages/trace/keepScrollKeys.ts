// Arrows and paging belong to where the focus is: the waterfall listens on the whole page, and must not take those pressed in a part that scrolls by itself.
import type { KeyboardEvent } from 'react';

const SCROLL_KEYS = new Set(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End', 'Enter']);

/** For onKeyDown of such a part. The browser still does what the key does there. */
export function keepScrollKeys(event: KeyboardEvent): void {
  if (SCROLL_KEYS.has(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
}
