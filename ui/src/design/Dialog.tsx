// A window over the page that holds the focus until it is closed: the browser's own dialog.
import { X } from 'lucide-react';
import { useEffect, useId, useRef, type ReactNode } from 'react';
import { IconButton } from './Button';
import './floating.css';

export interface DialogProps {
  title: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
  children: ReactNode;
  className?: string;
  /** No visible heading; the title stays as the name. */
  isBare?: boolean;
}

export function Dialog(props: DialogProps) {
  return props.open ? <OpenDialog {...props} /> : null;
}

function OpenDialog({ title, onOpenChange, children, className, isBare = false }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    if (dialog && !dialog.open) dialog.showModal();
    dialog?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      className={`dialog${className ? ` ${className}` : ''}`}
      ref={element}
      aria-labelledby={isBare ? undefined : id}
      aria-label={isBare ? title : undefined}
      onCancel={(event) => {
        event.preventDefault();
        onOpenChange(false);
      }}
      onKeyDown={(event) => {
        // The page's own Esc must not act as well.
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        onOpenChange(false);
      }}
      onPointerDown={(event) => event.target === event.currentTarget && onOpenChange(false)}
    >
      <div className="dialog-body">
        {!isBare && (
          <header className="dialog-head">
            <h2 id={id}>{title}</h2>
            <IconButton label="Close" icon={<X />} onClick={() => onOpenChange(false)} />
          </header>
        )}
        {children}
      </div>
    </dialog>
  );
}
