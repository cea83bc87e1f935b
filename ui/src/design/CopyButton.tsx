// Copies a text and says that it did.
import { Check, Copy } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { announce } from './announce';
import { Button, IconButton } from './Button';

/** Puts `text` on the clipboard; false when the browser refuses. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** Without TLS there is no clipboard API: a selection still copies. */
function copyBySelection(text: string): boolean {
  const before = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'sr-only';
  // Inside an open dialog everything outside is inert.
  (before?.closest('dialog') ?? document.body).append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return done;
}

export interface CopyButtonProps {
  text: string | (() => string);
  /** "Copy trace id". */
  label: string;
  /** With the label as words instead of the icon alone. */
  isWorded?: boolean;
}

export function CopyButton({ text, label, isWorded = false }: CopyButtonProps) {
  const [done, setDone] = useState(false);
  const timer = useRef(0);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  const copy = async () => {
    const ok = await copyText(typeof text === 'string' ? text : text());
    announce(ok ? 'Copied' : 'The browser does not allow copying', { isShown: !ok });
    if (!ok) return;
    setDone(true);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setDone(false), 1_500);
  };
  const icon = done ? <Check aria-hidden /> : <Copy aria-hidden />;
  return isWorded ? (
    <Button icon={icon} onClick={() => void copy()}>
      {label}
    </Button>
  ) : (
    <IconButton label={label} icon={icon} onClick={() => void copy()} />
  );
}
