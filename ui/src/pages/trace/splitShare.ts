// How much of the room the second of two panes has. Pure.
export type Side = 'right' | 'bottom';

export const MIN_SHARE = 0.2;
export const MAX_SHARE = 0.75;
export const DEFAULT_SHARE: Record<Side, number> = { right: 0.34, bottom: 0.42 };
const STEP = 0.02;

export function clampShare(share: number): number {
  return Math.min(MAX_SHARE, Math.max(MIN_SHARE, Math.round(share * 1_000) / 1_000));
}

/** The share after a key; null for a key that moves nothing. Arrows move the divider the way they point. */
export function nextShare(share: number, key: string, side: Side): number | null {
  const [grow, shrink] = side === 'right' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
  if (key === grow) return clampShare(share + STEP);
  if (key === shrink) return clampShare(share - STEP);
  if (key === 'Home') return MAX_SHARE;
  if (key === 'End') return MIN_SHARE;
  return null;
}
