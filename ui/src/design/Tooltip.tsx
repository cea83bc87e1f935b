// A few words about what the pointer or the focus is on. Never the only place where something is said.
import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { useFloating, type Side } from './place';
import './floating.css';

const DELAY_MS = 350;

export interface TooltipProps {
  text: string;
  /** One element that can take the focus. */
  children: ReactNode;
  side?: Side;
  /** The child already has this text as its name: then it is not read twice. */
  isName?: boolean;
  isDisabled?: boolean;
}

export function Tooltip({ text, children, side = 'bottom', isName = false, isDisabled = false }: TooltipProps) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  const panel = useRef<HTMLSpanElement>(null);
  const timer = useRef(0);
  const id = useId();
  const shown = open && !isDisabled && text !== '';
  useFloating(anchor, panel, shown, side, 'centre');
  useEffect(() => () => window.clearTimeout(timer.current), []);
  useEffect(() => {
    const child = anchor.current?.firstElementChild;
    if (!shown || isName || !child) return;
    child.setAttribute('aria-describedby', id);
    return () => child.removeAttribute('aria-describedby');
  }, [shown, isName, id]);
  const show = (delay: number) => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setOpen(true), delay);
  };
  const hide = () => {
    window.clearTimeout(timer.current);
    setOpen(false);
  };
  return (
    <span
      className="tooltip-anchor"
      ref={anchor}
      onPointerEnter={(event) => event.pointerType !== 'touch' && show(DELAY_MS)}
      onPointerLeave={hide}
      onPointerDown={hide}
      onFocus={(event) => event.target.matches(':focus-visible') && show(0)}
      onBlur={hide}
      onKeyDown={(event) => event.key === 'Escape' && hide()}
    >
      {children}
      {shown && (
        <span className="tooltip" role="tooltip" id={id} ref={panel} popover="manual" aria-hidden={isName || undefined}>
          {text}
        </span>
      )}
    </span>
  );
}
