// What the trace page shows when there is no trace to show: while it loads, when it is not there, when it can't be had.
import { Link } from 'wouter';
import { Button, EmptyState, ErrorState, PageHeader, Skeleton } from '../../design';
import { idHint } from './idHints';

/** The geometry of what comes; invisible at first, for most traces are there sooner than anyone could look. */
export function TraceLoading() {
  return (
    <div className="trace-loading">
      <h1 className="sr-only">Loading the trace</h1>
      <div className="trace-loading-head">
        <Skeleton width="38%" height={22} />
        <Skeleton width="62%" height={14} />
      </div>
      <div className="trace-loading-verdict">
        <Skeleton width="55%" height={20} />
        <Skeleton width="100%" height={8} />
        <Skeleton width="80%" height={14} />
      </div>
      <div className="trace-loading-rows">
        {Array.from({ length: 14 }, (_, i) => (
          <div key={i} className="trace-loading-row">
            <Skeleton width={`${8 + ((i * 5) % 14)}%`} height={12} />
            <span style={{ width: `${20 + i * 2}%` }} />
            <Skeleton width={`${40 - ((i * 7) % 31)}%`} height={12} />
          </div>
        ))}
      </div>
    </div>
  );
}

export function TraceNotFound({ traceId, isSearching, retry }: { traceId: string; isSearching: boolean; retry(): void }) {
  const hint = idHint(traceId);
  return (
    <>
      <PageHeader title="Trace" />
      <EmptyState
        title="There is no such trace here"
        actions={
          <>
            <Button onClick={retry}>Look again</Button>
            <Link className="button button-quiet" href="/explore">
              List of traces
            </Link>
            <Link className="button button-quiet" href="/connect">
              How to send spans
            </Link>
          </>
        }
      >
        <p>
          No span of <code className="trace-id">{traceId}</code> is stored: it was never received, or it was deleted when its time was up.
        </p>
        <ul className="trace-hints">
          {hint !== null && <li>{hint}</li>}
          {hint === null && <li>Was the sender told to sample? A trace that was not sampled is not sent.</li>}
          <li>Does the sender send to this server?</li>
        </ul>
        <p className="trace-muted" aria-live="polite">
          {isSearching && hint === null ? 'It may still be on its way: looking again every few seconds…' : ''}
        </p>
      </EmptyState>
    </>
  );
}

export function TraceFailed({ error, retry }: { error: Error; retry(): void }) {
  return (
    <>
      <PageHeader title="Trace" />
      <ErrorState error={error} retry={retry} />
    </>
  );
}
