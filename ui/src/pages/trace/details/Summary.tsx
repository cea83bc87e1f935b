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
  return (
    <dl className="summary">
      <Entry label="Start" value={formatOffset(start - model.from)} exact={start - model.from} copied="Copy the offset in nanoseconds">
        <span title={`${absolute} ns since 1970`}>
          {formatTimestamp(absolute, utc)} {zoneLabel(toMillis(absolute), utc)}
        </span>
        <CopyButton text={absolute} label="Copy the start in nanoseconds since 1970" />
      </Entry>
      <Entry label="Duration" value={formatDuration(duration)} exact={duration} copied="Copy the duration in nanoseconds">
        {shareOf(duration, model.length, 'of the trace')}
      </Entry>
      <Entry label="Self time" value={formatDuration(self)} exact={self} copied="Copy the self time in nanoseconds">
        {shareOf(self, duration, 'of the span, outside its children')}
      </Entry>
      <Entry label="Critical path" value={critical > 0 ? formatDuration(critical) : 'not on it'} exact={critical > 0 ? critical : null} copied="Copy the critical time in nanoseconds">
        {critical > 0 && shareOf(critical, path, 'of the critical path')}
      </Entry>
      <Entry label="Span id" value={<code>{model.layout.spanId[row]}</code>} exact={null} copied="">
        <CopyButton text={model.layout.spanId[row] ?? ''} label="Copy the span id" />
      </Entry>
    </dl>
  );
}

function Entry({ label, value, exact, copied, children }: { label: string; value: ReactNode; exact: number | null; copied: string; children?: ReactNode }) {
  return (
    <div className="summary-entry">
      <dt>{label}</dt>
      <dd>
        <span className="summary-value" title={exact === null ? undefined : formatExactNanos(exact)}>
          {value}
        </span>
        {exact !== null && <CopyButton text={String(Math.round(exact))} label={copied} />}
        <span className="summary-more">{children}</span>
      </dd>
    </div>
  );
}

function shareOf(part: number, whole: number, words: string): string | null {
  return whole > 0 ? `${formatPercent(part / whole)} ${words}` : null;
}
