// One trace: where the time went, and why. Decides what to show while the trace is not there.
import { ApiError } from '../../api/client';
import { TraceFailed, TraceLoading, TraceNotFound } from './TraceStates';
import { TraceView } from './TraceView';
import { isNotFound, MAX_SEARCHES, useTrace } from './useTrace';
import './trace.css';

export default function TracePage({ traceId }: { traceId: string }) {
  const trace = useTrace(traceId);
  const retry = () => void trace.refetch();
  if (trace.data) return <TraceView trace={trace.data} error={trace.error} retry={retry} />;
  if (trace.error && (isNotFound(trace.error) || isRefused(trace.error))) {
    const isSearching = isNotFound(trace.error) && trace.errorUpdateCount < MAX_SEARCHES;
    return (
      <main className="trace">
        <TraceNotFound traceId={traceId} isSearching={isSearching} retry={retry} />
      </main>
    );
  }
  return <main className="trace">{trace.error ? <TraceFailed error={trace.error} retry={retry} /> : <TraceLoading />}</main>;
}

/** What is not an id at all is refused, not looked for. */
function isRefused(error: unknown): boolean {
  return error instanceof ApiError && error.status === 400;
}
