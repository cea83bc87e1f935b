// A span's times, and what they are shares of.
import type { ReactNode } from 'react';
import { CopyButton } from '../../../design';
import { formatPercent } from '../../../format/count';
import { formatDuration, formatExactNanos, formatOffset } from '../../../format/duration';
import { formatTimestamp, toMillis, zoneLabel } from '../../../format/time';
import { usePreferences } from '../../../preferences/preferences';
import type { TraceModel } from '../model';

export function Summary({ model, row }: { model: TraceModel; row: number }) {
  const { utc } = usePreferences();
  const start = model.start[row]!;
  const duration = model.duration[row]!;
  const self = model.self[row]!;
  const critical = model.critical[row]!;
  const path = model.path.toNanos - model.path.fromNanos;
  const absolute = String(BigInt(model.layout.baseUnixNanos) + BigInt(Math.round(start)));
  const spanId = model.layout.spanId[row] ?? '';
  return (
    <dl className="summary">
      <Entry
        label="Start"
        value={formatOffset(start - model.from)}
        exact={start - model.from}
        more={
          <span title={`${absolute} ns since 1970`}>
            {formatTimestamp(absolute, utc)} {zoneLabel(toMillis(absolute), utc)}
          </span>
        }
      >
        <CopyButton text={absolute} label="Copy the start in nanoseconds since 1970" />
      </Entry>
      <Entry label="Duration" value={formatDuration(duration)} exact={duration} more={shareOf(duration, model.length, 'of the trace')} />
      <Entry label="Self time" value={formatDuration(self)} exact={self} more={shareOf(self, duration, 'of the span')} title="The part of the span that no child covers" />
      {critical > 0 ? (
        <Entry
          label="Critical path"
          value={formatDuration(critical)}
          exact={critical}
          more={shareOf(critical, path, 'of the critical path')}
          title="Time that the whole trace waited for this span itself"
        />
      ) : (
        <Entry label="Critical path" value="not on it" exact={null} more={null} />
      )}
      <Entry label="Span id" value={<code>{spanId}</code>} exact={null} more={null}>
        <CopyButton text={spanId} label="Copy the span id" />
      </Entry>
    </dl>
  );
}

interface EntryProps {
  label: string;
  value: ReactNode;
  /** What is copied, and shown in the tooltip, to the nanosecond; null when there is no such number. */
  exact: number | null;
  more: ReactNode;
  title?: string;
  children?: ReactNode;
}

function Entry({ label, value, exact, more, title, children }: EntryProps) {
  return (
    <div className="summary-entry">
      <dt title={title}>{label}</dt>
      <dd>
        <span className="summary-value" title={exact === null ? undefined : formatExactNanos(exact)}>
          {value}
        </span>
        {more !== null && <span className="summary-more">{more}</span>}
        <span className="summary-actions">
          {exact !== null && <CopyButton text={String(Math.round(exact))} label={`Copy in nanoseconds: ${label.toLowerCase()}`} />}
          {children}
        </span>
      </dd>
    </div>
  );
}

function shareOf(part: number, whole: number, words: string): string | null {
  return whole > 0 ? `${formatPercent(part / whole)} ${words}` : null;
}
