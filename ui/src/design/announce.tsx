// Short confirmations: shown at the bottom for a moment and read out politely. "Link copied".
import { useEffect, useState } from 'react';
import './announce.css';

export interface Announcement {
  text: string;
  isShown: boolean;
}

const SHOWN_MS = 2_500;
const listeners = new Set<(announcement: Announcement) => void>();

/** @param options.isShown false: only read out, for what the eye sees anyway (a new count of results). */
export function announce(text: string, { isShown = true }: { isShown?: boolean } = {}): void {
  for (const listener of listeners) listener({ text, isShown });
}

export function useAnnounce(): typeof announce {
  return announce;
}

/** The live region; once in the shell. */
export function Announcer() {
  const [said, setSaid] = useState<(Announcement & { at: number }) | null>(null);
  useEffect(() => {
    let timer = 0;
    const onSay = (announcement: Announcement) => {
      window.clearTimeout(timer);
      // Emptied first: the same words twice would not be read again.
      setSaid(null);
      timer = window.setTimeout(() => {
        setSaid({ ...announcement, at: Date.now() });
        timer = window.setTimeout(() => setSaid(null), SHOWN_MS);
      }, 30);
    };
    listeners.add(onSay);
    return () => {
      window.clearTimeout(timer);
      listeners.delete(onSay);
    };
  }, []);
  return (
    <div className="announcer" role="status" aria-live="polite">
      {said && <span className={said.isShown ? 'toast' : 'sr-only'}>{said.text}</span>}
    </div>
  );
}
