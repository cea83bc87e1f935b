// One line of the list: a link to the trace that says when, what, how long, who took part and what took the time.
import { CircleAlert } from 'lucide-react';
import { useQuery } from '@tanstack/react-query';
import { memo, type MouseEvent } from 'react';
import { Link } from 'wouter';
import { getJson } from '../../api/client';
import type { RootDurations, TraceItem } from '../../api/types';
import { assignColours } from '../../colours/services';
import { Badge, ServiceDot } from '../../design';
import { formatCount, formatPlural } from '../../format/count';
import { formatDuration, formatExactNanos } from '../../format/duration';
import { formatAgo, toMillis } from '../../format/time';
import { useOfNow } from '../../time/useNow';
import { durationBar, ODDITIES, P99_AT, servicesTitle, shortPercent, startText } from './rowParts';

/** How many services a line names, and how many dots it shows where there is no room for names. */
const NAMED = 3;
const DOTS = 6;
const USUAL_STALE_MS = 60_000;

export interface TraceRowProps {
  trace: TraceItem;
  /** From 1, the head being 1. */
  rowIndex: number;
  utc: boolean;
}

export const TraceRow = memo(function TraceRow({ trace, rowIndex, utc }: TraceRowProps) {
  const colours = assignColours(trace.services.map((one) => one.ordinal));
  const rootAt = trace.services.findIndex((one) => one.name === trace.rootService);
  const top = trace.topContributor;
  const topAt = top ? trace.services.findIndex((one) => one.name === top.service) : -1;
  return (
    <div className="trace-row" role="row" aria-rowindex={rowIndex} onClick={follow} onAuxClick={follow}>
      <div className="trace-cell trace-start" role="cell">
        <Start nanos={trace.startUnixNanos} utc={utc} />
      </div>
      <div className="trace-cell trace-root" role="cell">
        <div className="trace-line">
          <Link className="trace-link" href={`/trace/${trace.traceId}`} data-trace={trace.traceId} title={trace.rootOperation}>
            {trace.rootOperation || '(no name)'}
          </Link>
          {trace.oddities.map((oddity) => (
            <Badge key={oddity} tone={ODDITIES[oddity].isGrave ? 'warn' : 'neutral'} title={ODDITIES[oddity].title}>
              {ODDITIES[oddity].label}
            </Badge>
          ))}
        </div>
        <div className="trace-sub">
          {rootAt >= 0 && <ServiceDot colour={colours[rootAt]!} />}
          <span className="trace-ellipsis">{trace.rootService || '(no service)'}</span>
        </div>
      </div>
      <Duration trace={trace} />
      <div className="trace-cell trace-number" role="cell" title={trace.duplicateCount > 0 ? `${formatPlural(trace.duplicateCount, 'span')} came more than once` : undefined}>
        {formatCount(trace.spanCount)}
      </div>
      <div className={`trace-cell trace-number${trace.errorCount > 0 ? ' trace-errors' : ' trace-zero'}`} role="cell">
        {trace.errorCount > 0 && <CircleAlert aria-hidden />}
        {formatCount(trace.errorCount)}
      </div>
      <div className="trace-cell trace-services" role="cell" title={servicesTitle(trace.services)}>
        {trace.services.slice(0, NAMED).map((one, index) => (
          <span className="trace-service" key={one.name}>
            <ServiceDot colour={colours[index]!} />
            <span className="trace-ellipsis">{one.name || '(no service)'}</span>
          </span>
        ))}
        {trace.services.length > NAMED && <span className="trace-more">+{trace.services.length - NAMED}</span>}
        <span className="trace-dots" aria-hidden>
          {colours.slice(0, DOTS).map((colour, index) => (
            <ServiceDot key={trace.services[index]!.name} colour={colour} />
          ))}
        </span>
        <span className="trace-service-count" aria-hidden>
          {trace.services.length}
        </span>
      </div>
      <div className="trace-cell trace-top" role="cell">
        {top ? (
          <>
            <div className="trace-line" title={`${shortPercent(top.share)} of the critical path (${formatDuration(top.nanos)}) is spent in ${top.service || '(no service)'} · ${top.operation}`}>
              {topAt >= 0 && <ServiceDot colour={colours[topAt]!} />}
              <span className="trace-ellipsis">{top.service || '(no service)'}</span>
              <strong className="trace-share">{shortPercent(top.share)}</strong>
            </div>
            <div className="trace-sub">
              <span className="trace-ellipsis">{top.operation}</span>
            </div>
          </>
        ) : (
          <span className="trace-zero">–</span>
        )}
      </div>
    </div>
  );
});

/** A click beside the link follows it all the same, with the keys held: the cells lie over the link so that their text can be selected and their titles read. */
function follow(event: MouseEvent<HTMLElement>): void {
  if ((event.target as Element).closest('a') || event.button > 1) return;
  const selection = document.getSelection();
  if (selection && !selection.isCollapsed) return;
  const link = event.currentTarget.querySelector('a');
  if (event.button === 1) window.open(link?.href);
  else link?.dispatchEvent(new window.MouseEvent('click', { bubbles: true, cancelable: true, detail: 1, ctrlKey: event.ctrlKey, metaKey: event.metaKey, shiftKey: event.shiftKey }));
}

function Start({ nanos, utc }: { nanos: string; utc: boolean }) {
  const text = useOfNow((now) => startText(nanos, now, utc).text);
  const ago = useOfNow((now) => formatAgo(toMillis(nanos), now));
  return (
    <span title={startText(nanos, 0, utc).title}>
      <span className="trace-time">{text}</span>
      <span className="trace-sub">{ago}</span>
    </span>
  );
}

function Duration({ trace }: { trace: TraceItem }) {
  const usual = useQuery({
    queryKey: ['root-durations', trace.rootService, trace.rootOperation],
    queryFn: ({ signal }) => getJson<RootDurations>('root-durations', { service: trace.rootService, operation: trace.rootOperation }, signal),
    staleTime: USUAL_STALE_MS,
    // A bar is a hint: without it the line still says everything.
    retry: false,
  });
  const bar = durationBar(trace.durationNanos, usual.data);
  return (
    <div className="trace-cell trace-duration" role="cell" title={`${formatExactNanos(trace.durationNanos)}${bar ? `\n${bar.title}` : ''}`}>
      <div className="trace-line">
        <span className="trace-duration-text">{formatDuration(trace.durationNanos)}</span>
        {bar?.isLong && (
          <span className="trace-long">
            {bar.note}
            <span className="sr-only">, longer than usual</span>
          </span>
        )}
      </div>
      {bar && (
        <svg className="trace-bar" aria-hidden>
          <rect className="trace-bar-track" width="100%" height="100%" rx="2" />
          <rect className={bar.isLong ? 'trace-bar-long' : 'trace-bar-fill'} width={`${Math.max(1, bar.fill * 100)}%`} height="100%" rx="2" />
          <rect className="trace-bar-p99" x={`${P99_AT * 100}%`} width="1.5" height="100%" />
        </svg>
      )}
    </div>
  );
}
