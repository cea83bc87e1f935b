// A span's events in order of time; exceptions with their stack traces.
import { useMemo } from 'react';
import type { SpanDetail } from '../../../api/types';
import { formatExactNanos, formatOffset } from '../../../format/duration';
import { nanosBetween } from '../../../format/time';
import { AttributeList } from './AttributeList';
import { readException } from './exceptions';
import { StackTrace } from './StackTrace';

export function EventList({ span }: { span: SpanDetail }) {
  const events = useMemo(
    () => span.events.map((event) => ({ event, after: nanosBetween(span.startUnixNanos, event.timeUnixNanos), exception: readException(event) })).sort((a, b) => a.after - b.after),
    [span],
  );
  return (
    <ol className="events">
      {events.map(({ event, after, exception }, i) => (
        <li key={i} className="event" data-error={exception !== null || undefined}>
          <div className="event-head">
            <span className="event-time" title={`${formatExactNanos(after)} after the span's start`}>
              {formatOffset(after)}
            </span>
            <span className="event-name">{exception ? exception.type || 'exception' : event.name || 'no name'}</span>
            {exception?.isEscaped && <span className="event-note">left the span</span>}
            {(after < 0 || after > span.durationNanos) && <span className="event-note">outside the span</span>}
          </div>
          {exception && exception.message !== '' && <p className="event-message">{exception.message}</p>}
          {exception && exception.stackTrace !== '' && <StackTrace text={exception.stackTrace} />}
          <AttributeList attributes={exception ? exception.rest : event.attributes} startNanos={span.startUnixNanos} />
          {event.droppedAttributes > 0 && <p className="section-note">The sender dropped {event.droppedAttributes} of its attributes.</p>}
        </li>
      ))}
    </ol>
  );
}
