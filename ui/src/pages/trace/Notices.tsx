// Lines across the page: what a reader must know now.
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../../api/client';
import { Button, IconButton } from '../../design';
import type { TraceModel } from './model';

interface Props {
  model: TraceModel;
  error: Error | null;
  retry(): void;
  /** Key of the span that the address names and the trace does not have. */
  unknownSpan: string | null;
  isLive: boolean;
  onDismiss(): void;
}

export function Notices({ model, error, retry, unknownSpan, isLive, onDismiss }: Props) {
  return (
    <>
      {/* When the server does not answer at all, the shell says so. */}
      {error && !(error instanceof ApiError && error.isOffline) && (
        <Notice tone="warn">
          {error.message} The trace is shown as it was.
          <Button variant="quiet" onClick={retry}>
            Try again
          </Button>
        </Notice>
      )}
      {model.layout.isPartial && <Notice tone="error">Part of this trace could not be read from disk. What is shown is right, but not all.</Notice>}
      {unknownSpan !== null && (
        <Notice tone="warn">
          <span>
            The trace has no span <code>{unknownSpan}</code>
            {isLive ? '. It may still arrive.' : ': it was not received.'}
          </span>
          <IconButton label="Dismiss" icon={<X />} onClick={onDismiss} />
        </Notice>
      )}
    </>
  );
}

function Notice({ tone, children }: { tone: 'warn' | 'error'; children: ReactNode }) {
  return (
    <div className="trace-notice" data-tone={tone} role="status">
      {children}
    </div>
  );
}
