// How wide the name column is: a choice of the reader's, kept in the browser, not in links.
import { clampNameShare } from './geometry';

const KEY = 'waymark.waterfall.nameShare';
export const DEFAULT_NAME_SHARE = 0.34;

export function readNameShare(): number {
  try {
    const kept = Number(localStorage.getItem(KEY) ?? NaN);
    return Number.isFinite(kept) ? clampNameShare(kept) : DEFAULT_NAME_SHARE;
  } catch {
    return DEFAULT_NAME_SHARE;
  }
}

export function keepNameShare(share: number): void {
  try {
    localStorage.setItem(KEY, share.toFixed(3));
  } catch {
    // Storage is off: the choice lasts as long as the page.
  }
}
