// Two panes with a divider between: side by side, or one above the other where the window is narrow. The divider moves by pointer and by keyboard.
import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { clampShare, DEFAULT_SHARE, MAX_SHARE, MIN_SHARE, nextShare } from './splitShare';
import { useIsNarrow } from './useIsNarrow';
import './splitPane.css';

interface Props {
  main: ReactNode;
  /** Null: no divider, the main pane has all the room. */
  aside: ReactNode | null;
  /** Names the divider. */
  label: string;
}

export function SplitPane({ main, aside, label }: Props) {
  const isNarrow = useIsNarrow();
  const side = isNarrow ? 'bottom' : 'right';
  const [shares, setShares] = useState(() => ({ right: stored('right'), bottom: stored('bottom') }));
  const box = useRef<HTMLDivElement>(null);
  const share = shares[side];

  const move = (to: number, isSettled: boolean) => {
    const next = clampShare(to);
    setShares((now) => ({ ...now, [side]: next }));
    if (isSettled) localStorage.setItem(storageKey(side), String(next));
  };
  const onPointer = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId) || !box.current) return;
    const { right, bottom, width, height } = box.current.getBoundingClientRect();
    move(side === 'right' ? (right - event.clientX) / width : (bottom - event.clientY) / height, event.type === 'pointerup');
  };
  const onKey = (event: KeyboardEvent) => {
    const next = nextShare(share, event.key, side);
    if (next === null) return;
    event.preventDefault();
    move(next, true);
  };

  return (
    <div ref={box} className="split" data-side={side}>
      <div className="split-main">{main}</div>
      {aside !== null && (
        <>
          <div
            className="split-divider"
            role="separator"
            tabIndex={0}
            aria-label={label}
            aria-orientation={side === 'right' ? 'vertical' : 'horizontal'}
            aria-valuenow={Math.round(share * 100)}
            aria-valuemin={MIN_SHARE * 100}
            aria-valuemax={MAX_SHARE * 100}
            onKeyDown={onKey}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={onPointer}
            onPointerUp={onPointer}
            onDoubleClick={() => move(DEFAULT_SHARE[side], true)}
          />
          <div className="split-aside" style={{ flexBasis: `${share * 100}%` }}>
            {aside}
          </div>
        </>
      )}
    </div>
  );
}

function storageKey(side: string): string {
  return `waymark.details.${side}`;
}

function stored(side: 'right' | 'bottom'): number {
  const share = Number(localStorage.getItem(storageKey(side)) ?? NaN);
  return Number.isFinite(share) ? clampShare(share) : DEFAULT_SHARE[side];
}
