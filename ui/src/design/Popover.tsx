// A panel that opens from a button: closed by Esc or a click elsewhere, and the focus goes back where it was. The browser's own popover does most of it.
import { cloneElement, useCallback, useEffect, useId, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { useFloating, type Side } from './place';
import './floating.css';

export interface PopoverProps {
  /** One button. It gets the click and the aria attributes. */
  trigger: ReactElement<{ onClick?: (event: never) => void; onPointerDown?: (event: never) => void; 'aria-expanded'?: boolean; 'aria-controls'?: string | undefined; 'aria-haspopup'?: 'dialog' }>;
  children: ReactNode | ((close: () => void) => ReactNode);
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  /** The panel's name; without one it is named by the trigger's text. */
  label?: string;
  side?: Side;
  align?: 'start' | 'end' | 'centre';
}

export function Popover({ trigger, children, open: given, onOpenChange, label, side = 'bottom', align = 'start' }: PopoverProps) {
  const [own, setOwn] = useState(false);
  const open = given ?? own;
  const anchor = useRef<HTMLSpanElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const before = useRef<Element | null>(null);
  const id = useId();
  // Whether the press on the trigger found the panel open: the browser closes it before the click comes.
  const wasOpen = useRef(false);
  const told = useRef(onOpenChange);
  told.current = onOpenChange;
  const change = useCallback((next: boolean) => {
    setOwn(next);
    told.current?.(next);
  }, []);
  useFloating(anchor, panel, open, side, align);
  useEffect(() => {
    const element = panel.current;
    if (!open || !element) return;
    before.current = document.activeElement;
    const first = element.querySelector<HTMLElement>('[autofocus], [data-autofocus]') ?? element.querySelector<HTMLElement>('input, button, a[href], select, textarea, [tabindex="0"]');
    (first ?? element).focus();
    // A click elsewhere: the browser closes an "auto" popover by itself and says so.
    const onToggle = (event: Event) => (event as ToggleEvent).newState === 'closed' && change(false);
    element.addEventListener('toggle', onToggle);
    return () => {
      element.removeEventListener('toggle', onToggle);
      const now = document.activeElement;
      if ((now === null || now === document.body || element.contains(now)) && before.current instanceof HTMLElement) before.current.focus();
    };
  }, [open, change]);
  return (
    <span className="popover-anchor" ref={anchor}>
      {cloneElement(trigger, {
        'aria-expanded': open,
        'aria-haspopup': 'dialog',
        'aria-controls': open ? id : undefined,
        onPointerDown: () => (wasOpen.current = open),
        onClick: () => {
          change(!open && !wasOpen.current);
          wasOpen.current = false;
        },
      })}
      {open && (
        <div
          className="popover"
          id={id}
          role="dialog"
          aria-label={label}
          tabIndex={-1}
          popover="auto"
          ref={panel}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || event.defaultPrevented) return;
            event.preventDefault();
            event.stopPropagation();
            change(false);
          }}
        >
          {typeof children === 'function' ? children(() => change(false)) : children}
        </div>
      )}
    </span>
  );
}
