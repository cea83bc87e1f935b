// Says that the server does not answer and when the next try comes.
import { Unplug } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '../design/Button';
import { useConnection, type ConnectionWatch } from './connection';

export function OfflineBanner({ watch }: { watch: ConnectionWatch }) {
  const { isOffline, nextTryAt } = useConnection(watch);
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (nextTryAt === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [nextTryAt]);
  const seconds = nextTryAt === null ? 0 : Math.max(0, Math.ceil((nextTryAt - now) / 1_000));
  return (
    <div role="region" aria-label="Connection">
      {/* Read once, not with every second. */}
      <div role="status" className="sr-only">
        {isOffline ? 'The server does not answer. Trying again by itself.' : ''}
      </div>
      {isOffline && (
        <div className="offline">
          <Unplug aria-hidden />
          <span className="offline-words">
            <strong>The server does not answer.</strong> What you see may be old. {nextTryAt === null ? 'Trying…' : `Next try in ${seconds} s.`}
          </span>
          <Button onClick={() => void watch.retry()} disabled={nextTryAt === null}>
            Try now
          </Button>
        </div>
      )}
    </div>
  );
}
