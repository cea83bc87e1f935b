// Everything there is to know about the selected span.
import { Maximize2, X } from 'lucide-react';
import { useMemo, type ReactNode } from 'react';
import type { ServiceColour } from '../../../colours/services';
import { Badge, CopyButton, ErrorState, IconButton, ServiceName, Skeleton } from '../../../design';
import { SPAN_KINDS } from '../../../api/types';
import { serviceLabel } from '../header/facts';
import { keepScrollKeys } from '../keepScrollKeys';
import type { TraceModel } from '../model';
import { AttributeList, SearchedAttributes } from './AttributeList';
import { Breadcrumbs } from './Breadcrumbs';
import { EventList } from './EventList';
import { readException } from './exceptions';
import { LinkList } from './LinkList';
import { odditiesOf } from './oddities';
import { Section } from './Section';
import { Summary } from './Summary';
import { useBacklinks, useSpanDetails, type LoadedSpan } from './useSpanDetails';
import './details.css';

interface Props {
  model: TraceModel;
  row: number;
  colours: readonly ServiceColour[];
  onSelect(row: number): void;
  onZoom(row: number): void;
  onClose(): void;
}

export function DetailsPanel({ model, row, colours, onSelect, onZoom, onClose }: Props) {
  const details = useSpanDetails(model, row);
  const service = model.serviceName(row);
  return (
    <aside className="details" aria-label="Span details" tabIndex={-1} onKeyDown={keepScrollKeys}>
      <div className="details-head">
        <div className="details-title">
          <ServiceName name={serviceLabel(service)} colour={colours[model.service[row]!] ?? { slot: 0, hatched: false }} />
          <Badge tone="neutral" title="Kind of span">
            {SPAN_KINDS[model.kind[row]!] ?? 'unspecified'}
          </Badge>
          {model.isError(row) ? <Badge tone="error">error</Badge> : model.status[row] === 1 && <Badge tone="ok">ok</Badge>}
          <span className="details-actions">
            <IconButton label="Zoom to the span" icon={<Maximize2 />} onClick={() => onZoom(row)} />
            <CopyButton text={() => window.location.href} label="Copy link to the span" />
            <IconButton label="Close details" icon={<X />} onClick={onClose} />
          </span>
        </div>
        <h2 className="details-name">{model.spanName(row) || 'no name'}</h2>
        <Breadcrumbs model={model} row={row} onSelect={onSelect} />
      </div>
      <div className="details-body" tabIndex={0} role="region" aria-label="Details">
        <div className="details-facts">
          {details.data && details.data.span.statusMessage !== '' && <StatusMessage text={details.data.span.statusMessage} isError={model.isError(row)} />}
          {odditiesOf(model, row).map((oddity) => (
            <p key={oddity.title} className="details-oddity">
              <strong>{oddity.title}.</strong> {oddity.text}
              {oddity.id !== null && <CopyButton text={oddity.id} label={`Copy ${oddity.id}`} />}
            </p>
          ))}
          <Summary model={model} row={row} />
        </div>
        <div className="details-rest">
          {details.isPending ? (
            <Waiting />
          ) : details.error ? (
            <ErrorState error={details.error} retry={() => void details.refetch()} />
          ) : details.data ? (
            <Loaded loaded={details.data} model={model} row={row} colours={colours} onSelect={onSelect} />
          ) : (
            <p className="details-empty">The server no longer has this span.</p>
          )}
        </div>
      </div>
    </aside>
  );
}

function StatusMessage({ text, isError }: { text: string; isError: boolean }) {
  return (
    <p className="details-message" data-error={isError || undefined}>
      {text}
      <CopyButton text={text} label="Copy the status message" />
    </p>
  );
}

function Waiting() {
  return (
    <div className="details-waiting" aria-label="Loading" role="status">
      {[70, 45, 60, 30, 55].map((width) => (
        <Skeleton key={width} width={`${width}%`} height={14} />
      ))}
    </div>
  );
}

interface LoadedProps {
  loaded: LoadedSpan;
  model: TraceModel;
  row: number;
  colours: readonly ServiceColour[];
  onSelect(row: number): void;
}

function Loaded({ loaded, model, row, colours, onSelect }: LoadedProps) {
  const { span, resource, scope } = loaded;
  const backlinks = useBacklinks(model.layout.traceId);
  const count = Object.keys(span.attributes).length;
  const linkCount = span.links.length + (backlinks.data?.links.filter((link) => link.toSpanId === span.spanId).length ?? 0);
  const startNanos = span.startUnixNanos;
  const attributes = (
    <Section key="attributes" id="attributes" title="Attributes" count={count} isOpen note={dropped(span.droppedAttributes, 'attribute')}>
      {count === 0 ? <p className="details-empty">This span carries no attributes.</p> : <SearchedAttributes attributes={span.attributes} startNanos={startNanos} />}
    </Section>
  );
  const events = (span.events.length > 0 || span.droppedEvents > 0) && (
    <Section key="events" id="events" title="Events" count={span.events.length} isOpen note={dropped(span.droppedEvents, 'event')}>
      <EventList span={span} />
    </Section>
  );
  // What went wrong is asked first of a span that failed.
  const isFailure = model.isError(row) && span.events.some((event) => readException(event) !== null);
  return (
    <>
      {isFailure ? [events, attributes] : [attributes, events]}
      <Section id="links" title="Links" count={backlinks.isPending && linkCount === 0 ? null : linkCount} isOpen={span.links.length > 0} note={dropped(span.droppedLinks, 'link')}>
        <LinkList span={span} backlinks={backlinks} model={model} row={row} colours={colours} onSelect={onSelect} />
      </Section>
      {resource && (
        <Section id="resource" title="Resource" count={Object.keys(resource.attributes).length} note={dropped(resource.droppedAttributes, 'attribute')}>
          <AttributeList attributes={resource.attributes} startNanos={startNanos} />
          {resource.schemaUrl !== '' && <Fact label="schema" text={resource.schemaUrl} />}
        </Section>
      )}
      {scope && (
        <Section id="scope" title="Scope" detail={`${scope.name || 'no name'}${scope.version ? ` ${scope.version}` : ''}`} note={dropped(scope.droppedAttributes, 'attribute')}>
          <Fact label="name" text={scope.name || 'no name'} />
          {scope.version !== '' && <Fact label="version" text={scope.version} />}
          {scope.schemaUrl !== '' && <Fact label="schema" text={scope.schemaUrl} />}
          <AttributeList attributes={scope.attributes} startNanos={startNanos} />
        </Section>
      )}
      <Section id="raw" title="Raw JSON">
        <Raw loaded={loaded} />
      </Section>
    </>
  );
}

function Raw({ loaded }: { loaded: LoadedSpan }) {
  const text = useMemo(() => JSON.stringify({ ...loaded.span, resource: loaded.resource, scope: loaded.scope }, null, 2), [loaded]);
  return (
    <div className="details-raw">
      <CopyButton text={text} label="Copy the JSON" isWorded />
      <pre tabIndex={0} aria-label="The span as JSON">
        {text}
      </pre>
    </div>
  );
}

function Fact({ label, text }: { label: string; text: string }): ReactNode {
  return (
    <div className="attribute">
      <span className="attribute-key">{label}</span>
      <span className="attribute-value">{text}</span>
    </div>
  );
}

/** What the sender says it left out. */
function dropped(count: number, what: string): string | null {
  return count === 0 ? null : `The sender dropped ${count} ${what}${count === 1 ? '' : 's'}.`;
}
