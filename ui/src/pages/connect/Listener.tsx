// What comes in, as it comes: the services heard from, and the requests that were refused, with the reason their sender was given.
import { useQuery } from '@tanstack/react-query';
import { CircleAlert } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Link } from 'wouter';
import { getJson } from '../../api/client';
import type { Status, TraceList } from '../../api/types';
import { assignColours } from '../../colours/services';
import { announce, Badge, ServiceName } from '../../design';
import { formatPlural } from '../../format/count';
import { formatAgo, toMillis } from '../../format/time';
import { arrivalsOf, groupRefusals, protocolLabel } from './listener';
import { useNow } from '../../time/useNow';

const POLL_MS = 1_500;
const NEWEST = 20;
const SHOWN_SERVICES = 8;
const SHOWN_REFUSALS = 4;

/** The server's state, asked again and again while the page is in view. */
export function useLiveStatus() {
  return useQuery({ queryKey: ['status'], queryFn: ({ signal }) => getJson<Status>('status', {}, signal), refetchInterval: POLL_MS, staleTime: 0, retry: false });
}

export function Listener() {
  const status = useLiveStatus();
  const newest = useQuery({ queryKey: ['traces', 'connect'], queryFn: ({ signal }) => getJson<TraceList>('traces', { limit: NEWEST }, signal), refetchInterval: POLL_MS, staleTime: 0, retry: false });
  const now = useNow();
  const arrivals = arrivalsOf(newest.data?.traces ?? []);
  const colours = assignColours(arrivals.map((one) => one.ordinal));
  const refusals = groupRefusals(status.data?.ingest?.recentRefusals ?? []);
  // The server's clock says how long ago: the browser's may differ.
  const drift = status.data ? toMillis(status.data.timeUnixNanos) - status.dataUpdatedAt : 0;
  const ago = (millis: number) => formatAgo(millis, now + drift);
  useAnnouncedServices(arrivals.map((one) => one.service), newest.isSuccess);
  const latest = arrivals[0];
  return (
    <section className="listener" aria-label="What comes in">
      <h2 className="listener-title">
        <span className={`listener-dot${status.isError ? ' listener-dot-off' : latest ? ' listener-dot-on' : ''}`} aria-hidden />
        {status.isError ? (
          'The server does not answer'
        ) : latest ? (
          <span>
            {formatPlural(latest.spanCount, 'span')} from <code>{latest.service || '(no service)'}</code> {ago(latest.receivedMillis)}
          </span>
        ) : newest.isPending ? (
          'Listening…'
        ) : (
          'Waiting for the first span…'
        )}
      </h2>
      {status.data && !status.data.acceptsWrites && (
        <p className="listener-warning" role="alert">
          <CircleAlert aria-hidden /> Spans are refused at present: {status.data.readOnlyReason}
        </p>
      )}
      {arrivals.length > 0 && (
        <ul className="listener-services">
          {arrivals.slice(0, SHOWN_SERVICES).map((one, index) => (
            <li key={one.service}>
              <ServiceName name={one.service} colour={colours[index]!} />
              <span className="listener-detail">{ago(one.receivedMillis)}</span>
              <Link href={`/trace/${one.traceId}`} className="listener-link" title={one.operation}>
                {one.operation || 'its newest trace'}
              </Link>
            </li>
          ))}
          {arrivals.length > SHOWN_SERVICES && (
            <li className="listener-detail">
              and <Link href="/explore">{formatPlural(arrivals.length - SHOWN_SERVICES, 'more service')}</Link>
            </li>
          )}
        </ul>
      )}
      {refusals.length > 0 && (
        <>
          <h3 className="listener-subtitle">Requests that were refused</h3>
          <ul className="listener-refusals">
            {refusals.slice(0, SHOWN_REFUSALS).map(({ refusal, count }) => (
              <li key={`${refusal.protocol} ${refusal.reason} ${refusal.sentence}`}>
                <span className="listener-refusal-head">
                  <Badge tone="error">{refusal.reason}</Badge>
                  <span className="listener-detail">
                    {protocolLabel(refusal.protocol)} · {ago(toMillis(refusal.timeUnixNanos))}
                    {count > 1 && ` · ${count} times`}
                  </span>
                </span>
                {refusal.sentence}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

/** Says once that a service has been heard for the first time on this page. */
function useAnnouncedServices(services: readonly string[], isReady: boolean): void {
  const known = useRef<Set<string> | null>(null);
  const key = services.join('\n');
  useEffect(() => {
    if (!isReady) return;
    const fresh = known.current === null ? [] : services.filter((one) => !known.current!.has(one));
    known.current = new Set([...(known.current ?? []), ...services]);
    if (fresh.length > 0) announce(`Spans from ${fresh.join(', ')} have come`, { isShown: false });
  }, [key, isReady]);
}
