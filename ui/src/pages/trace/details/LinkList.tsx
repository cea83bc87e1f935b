// Links from the selected span to others, and from others to it.
import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from 'wouter';
import type { Backlinks, SpanDetail } from '../../../api/types';
import type { ServiceColour } from '../../../colours/services';
import { Button, ServiceName } from '../../../design';
import { formatCount, formatPlural } from '../../../format/count';
import { formatTimestamp } from '../../../format/time';
import { usePreferences } from '../../../preferences/preferences';
import { serviceLabel } from '../header/facts';
import type { TraceModel } from '../model';
import { AttributeList } from './AttributeList';

const NO_SPAN = '0000000000000000';

interface Props {
  span: SpanDetail;
  backlinks: UseQueryResult<Backlinks>;
  model: TraceModel;
  row: number;
  colours: readonly ServiceColour[];
  onSelect(row: number): void;
}

export function LinkList({ span, backlinks, model, colours, onSelect }: Props) {
  return (
    <>
      {span.links.length > 0 && (
        <>
          <h4 className="attributes-name">to</h4>
          <ul className="links">
            {span.links.map((link, i) => {
              const here = link.traceId === model.layout.traceId ? model.rowOfSpanId(link.spanId) : -1;
              return (
                <li key={i}>
                  {here >= 0 ? (
                    <button type="button" className="links-here" onClick={() => onSelect(here)}>
                      <ServiceName name={serviceLabel(model.serviceName(here))} colour={colours[model.service[here]!] ?? { slot: 0, hatched: false }} />
                      {` · ${model.spanName(here)} `}
                      <span className="links-muted">in this trace</span>
                    </button>
                  ) : (
                    <Link href={spanAddress(link.traceId, link.spanId)}>
                      trace <code>{link.traceId.slice(0, 8)}…</code> span <code>{link.spanId}</code>
                    </Link>
                  )}
                  <AttributeList attributes={link.attributes} startNanos={span.startUnixNanos} />
                </li>
              );
            })}
          </ul>
        </>
      )}
      <h4 className="attributes-name">from other traces</h4>
      <Incoming spanId={span.spanId} backlinks={backlinks} />
    </>
  );
}

function Incoming({ spanId, backlinks }: { spanId: string; backlinks: UseQueryResult<Backlinks> }) {
  const { utc } = usePreferences();
  if (backlinks.isPending) return <p className="details-empty">Looking through other traces…</p>;
  if (backlinks.isError) {
    return (
      <p className="details-empty">
        Other traces could not be searched. <Button variant="quiet" onClick={() => void backlinks.refetch()}>Try again</Button>
      </p>
    );
  }
  const { links, searchedTraceCount, isCut } = backlinks.data;
  const here = links.filter((link) => link.toSpanId === spanId || link.toSpanId === NO_SPAN);
  const elsewhere = links.length - here.length;
  return (
    <>
      {here.length > 0 && (
        <ul className="links">
          {here.map((link) => (
            <li key={`${link.traceId}${link.spanId}`}>
              <Link href={spanAddress(link.traceId, link.spanId)}>
                {serviceLabel(link.service)} · {link.name}
              </Link>{' '}
              <span className="links-muted">
                {formatTimestamp(link.startUnixNanos, utc)}
                {link.toSpanId === NO_SPAN && ' · to the whole trace'}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p className="details-empty">
        {here.length === 0 && 'None found. '}Searched {formatPlural(searchedTraceCount, 'trace')}
        {isCut && '; there may be more'}.{elsewhere > 0 && ` ${formatCount(elsewhere)} more ${elsewhere === 1 ? 'points' : 'point'} at other spans of this trace.`}
      </p>
    </>
  );
}

function spanAddress(traceId: string, spanId: string): string {
  return spanId === NO_SPAN ? `/trace/${traceId}` : `/trace/${traceId}?span=${spanId}`;
}
