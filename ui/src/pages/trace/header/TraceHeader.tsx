// The head of a trace: what it is, how it went, and what to know before trusting the picture.
import { Download } from 'lucide-react';
import { useMemo } from 'react';
import { apiUrl } from '../../../api/client';
import type { ServiceColour } from '../../../colours/services';
import { Badge, CopyButton, PageHeader } from '../../../design';
import { formatPlural } from '../../../format/count';
import { formatDuration, formatExactNanos } from '../../../format/duration';
import { formatTimestamp, toMillis, zoneLabel } from '../../../format/time';
import { usePreferences } from '../../../preferences/preferences';
import { shortId } from '../details/oddities';
import type { TraceModel } from '../model';
import { levels, remarksOn, rootRow, serviceLabel, type Remark } from './facts';
import { Legend } from './Legend';
import './header.css';

interface Props {
  model: TraceModel;
  colours: readonly ServiceColour[];
  highlighted: string | null;
  /** Spans that came since the page was opened; null when the trace no longer grows. */
  grownBy: number | null;
  onService(name: string): void;
  onNextError(): void;
  onRemark(remark: Remark): void;
}

export function TraceHeader({ model, colours, highlighted, grownBy, onService, onNextError, onRemark }: Props) {
  const { utc } = usePreferences();
  const { layout } = model;
  // Each walks over every row: once per trace, not once per key press.
  const { root, depth, remarks } = useMemo(() => ({ root: rootRow(model), depth: levels(model), remarks: remarksOn(model) }), [model]);
  const start = String(BigInt(layout.baseUnixNanos) + BigInt(Math.round(model.from)));
  return (
    <header className="trace-header">
      <PageHeader
        title={root < 0 ? 'Trace' : `${model.spanName(root)} · ${serviceLabel(model.serviceName(root))}`}
        heading={
          <>
            <span className="trace-header-service">{root < 0 ? 'Empty trace' : serviceLabel(model.serviceName(root))}</span>
            {root >= 0 && <span className="trace-header-operation"> · {model.spanName(root) || 'no name'}</span>}
            <span className="trace-header-duration" title={formatExactNanos(model.length)}>
              {formatDuration(model.length)}
            </span>
          </>
        }
      >
        <span className="trace-header-hint" aria-hidden="true">
          <kbd>?</kbd> keys
        </span>
        <a className="button button-plain" href={apiUrl(`traces/${layout.traceId}/otlp`)} download={`trace-${layout.traceId}.json`} title="Download as OTLP JSON">
          <Download aria-hidden />
          OTLP
          <span className="sr-only"> JSON download</span>
        </a>
      </PageHeader>
      <div className="trace-header-facts">
        <span className="trace-header-id">
          <code title={layout.traceId}>{shortId(layout.traceId)}</code>
          <CopyButton text={layout.traceId} label="Copy trace id" />
        </span>
        <span title={`${start} ns since 1970`}>
          {formatTimestamp(start, utc)} <span className="trace-header-muted">{zoneLabel(toMillis(start), utc)}</span>
        </span>
        <span>{formatPlural(layout.spanCount, 'span')}</span>
        {layout.errorCount > 0 ? (
          <button type="button" className="trace-header-errors" onClick={onNextError} title="Go to where it failed, and again to the next such place. The key e goes through all errors.">
            {formatPlural(layout.errorCount, 'error')}
          </button>
        ) : (
          <span className="trace-header-muted">no errors</span>
        )}
        <span className="trace-header-muted trace-header-depth">{formatPlural(depth, 'level')} deep</span>
        <Legend model={model} colours={colours} highlighted={highlighted} onService={onService} />
        <span className="trace-header-remarks">
          {remarks.map((remark) => (
            <RemarkBadge key={remark.id} remark={remark} onRemark={onRemark} />
          ))}
          {grownBy !== null && (
            <Badge tone="ok" title="Spans may still arrive: the trace is asked for every few seconds until it was quiet for 30 s.">
              live{grownBy > 0 ? ` · +${formatPlural(grownBy, 'span')}` : ''}
            </Badge>
          )}
        </span>
        <span className="sr-only" aria-live="polite">
          {grownBy ? `${formatPlural(grownBy, 'span')} more arrived` : ''}
        </span>
      </div>
    </header>
  );
}

/** Remarks that can be acted on are buttons. */
function RemarkBadge({ remark, onRemark }: { remark: Remark; onRemark(remark: Remark): void }) {
  const badge = (
    <Badge tone={remark.tone} title={remark.title}>
      {remark.label}
    </Badge>
  );
  if (remark.id !== 'skew' && remark.id !== 'orphans' && remark.id !== 'cycles') return badge;
  return (
    <button type="button" className="trace-header-remark" onClick={() => onRemark(remark)}>
      {badge}
    </button>
  );
}
