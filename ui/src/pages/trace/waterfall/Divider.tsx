// The line between names and bars: drag it, or move it with the arrows.
import { useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { clampNameShare, MAX_NAME_SHARE, MIN_NAME_SHARE } from './geometry';
import { DEFAULT_NAME_SHARE } from './nameColumn';

interface DividerProps {
  share: number;
  width: number;
  onShare(share: number, isDone: boolean): void;
}

export function Divider({ share, width, onShare }: DividerProps) {
  const isHeld = useRef(false);
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (!isHeld.current) return;
    const box = event.currentTarget.parentElement!.getBoundingClientRect();
    onShare(clampNameShare((event.clientX - box.left) / box.width), false);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 0.1 : 0.02;
    const next = { ArrowLeft: share - step, ArrowRight: share + step, Home: MIN_NAME_SHARE, End: MAX_NAME_SHARE }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    onShare(clampNameShare(next), true);
  };
  return (
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the name column"
      aria-valuemin={MIN_NAME_SHARE * 100}
      aria-valuemax={MAX_NAME_SHARE * 100}
      aria-valuenow={Math.round(share * 100)}
      aria-valuetext={`${Math.round(share * 100)}%`}
      tabIndex={0}
      className="waterfall-divider"
      style={{ left: Math.round(width * share) }}
      onKeyDown={onKeyDown}
      onDoubleClick={() => onShare(DEFAULT_NAME_SHARE, true)}
      onPointerDown={(event) => {
        isHeld.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={onPointerMove}
      onPointerUp={() => {
        isHeld.current = false;
        onShare(share, true);
      }}
    />
  );
}
