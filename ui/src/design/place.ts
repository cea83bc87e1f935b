// Where a floating panel goes: beside its anchor, turned over and shifted where the window would cut it.
import { useLayoutEffect, type RefObject } from 'react';

export type Side = 'bottom' | 'top' | 'right';
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

const GAP = 4;
const MARGIN = 8;

/** @param align whether the panel starts, ends or centres with the anchor along the other axis. */
export function place(anchor: Box, panel: { width: number; height: number }, view: { width: number; height: number }, side: Side, align: 'start' | 'end' | 'centre'): { left: number; top: number } {
  const within = (value: number, size: number, limit: number) => Math.max(MARGIN, Math.min(value, limit - size - MARGIN));
  const along = (start: number, size: number, own: number) => (align === 'start' ? start : align === 'end' ? start + size - own : start + (size - own) / 2);
  if (side === 'right') {
    const right = anchor.left + anchor.width + GAP;
    const left = right + panel.width + MARGIN <= view.width ? right : anchor.left - GAP - panel.width;
    return { left: within(left, panel.width, view.width), top: within(along(anchor.top, anchor.height, panel.height), panel.height, view.height) };
  }
  const below = anchor.top + anchor.height + GAP;
  const above = anchor.top - GAP - panel.height;
  const fitsBelow = below + panel.height + MARGIN <= view.height;
  const fitsAbove = above >= MARGIN;
  const top = side === 'bottom' ? (fitsBelow || !fitsAbove ? below : above) : fitsAbove || !fitsBelow ? above : below;
  return { left: within(along(anchor.left, anchor.width, panel.width), panel.width, view.width), top: within(top, panel.height, view.height) };
}

/** Shows `panel` in the top layer beside `anchor` while `open`, and keeps it there while things move. */
export function useFloating(anchor: RefObject<HTMLElement | null>, panel: RefObject<HTMLElement | null>, open: boolean, side: Side, align: 'start' | 'end' | 'centre', sameWidth = false): void {
  useLayoutEffect(() => {
    const floating = panel.current;
    if (!open || !floating) return;
    floating.showPopover?.();
    const move = () => {
      const target = anchor.current?.getBoundingClientRect();
      if (!target) return;
      if (sameWidth) floating.style.minWidth = `${target.width}px`;
      const at = place(target, { width: floating.offsetWidth, height: floating.offsetHeight }, { width: window.innerWidth, height: window.innerHeight }, side, align);
      floating.style.left = `${at.left}px`;
      floating.style.top = `${at.top}px`;
    };
    move();
    const sizes = typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(move);
    sizes?.observe(floating);
    window.addEventListener('resize', move);
    window.addEventListener('scroll', move, true);
    return () => {
      sizes?.disconnect();
      window.removeEventListener('resize', move);
      window.removeEventListener('scroll', move, true);
      if (floating.isConnected && floating.matches(':popover-open')) floating.hidePopover();
    };
  }, [anchor, panel, open, side, align, sameWidth]);
}
