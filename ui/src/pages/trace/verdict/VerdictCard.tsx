// Where the time went, in one sentence with its evidence, and what it is made of.
import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { Contributor } from '../../../api/types';
import type { ServiceColour } from '../../../colours/services';
import { Button, IconButton, ServiceDot } from '../../../design';
import { formatCount, formatPercent, formatPlural } from '../../../format/count';
import { formatDuration, formatExactNanos } from '../../../format/duration';
import { serviceLabel } from '../header/facts';
import type { TraceModel } from '../model';
import './verdict.css';

interface Props {
  model: TraceModel;
  colours: readonly ServiceColour[];
  selected: number;
  onRow(row: number): void;
  onContributor(contributor: Contributor): void;
}

export function VerdictCard({ model, colours, selected, onRow, onContributor }: Props) {
  const { verdict, contributors } = model.layout;
  return (
    <section className="verdict" aria-label="Verdict" data-kind={verdict.kind}>
      <div className="verdict-line">
        <p className="verdict-sentence">
          {verdict.parts.map((part, i) =>
            part.style === 'strong' ? <strong key={i}>{part.text}</strong> : part.style === 'code' ? <code key={i}>{part.text}</code> : <span key={i}>{part.text}</span>,
          )}
        </p>
        {verdict.rows.length > 0 && <Evidence rows={verdict.rows} spanCount={verdict.spanCount} selected={selected} onRow={onRow} />}
      </div>
      {contributors.length > 0 && <Contributors model={model} contributors={contributors} colours={colours} onContributor={onContributor} />}
    </section>
  );
}

function Evidence({ rows, spanCount, selected, onRow }: { rows: readonly number[]; spanCount: number; selected: number; onRow(row: number): void }) {
  const at = rows.indexOf(selected);
  if (at < 0 || rows.length === 1) {
    return (
      <div className="verdict-evidence">
        <Button variant="primary" onClick={() => onRow(rows[0]!)}>
          {spanCount === 1 ? 'Show the span' : `Show ${formatCount(spanCount)} spans`}
        </Button>
      </div>
    );
  }
  const step = (by: number) => onRow(rows[(at + by + rows.length) % rows.length]!);
  return (
    <div className="verdict-evidence" role="group" aria-label="Evidence">
      <IconButton label="Previous of the verdict's spans" icon={<ChevronLeft />} onClick={() => step(-1)} />
      <span className="verdict-count" aria-live="polite" title={spanCount > rows.length ? `The first ${rows.length} can be walked through.` : undefined}>
        {at + 1} of {formatCount(spanCount)}
      </span>
      <IconButton label="Next of the verdict's spans" icon={<ChevronRight />} onClick={() => step(1)} />
    </div>
  );
}

interface ContributorsProps {
  model: TraceModel;
  contributors: readonly Contributor[];
  colours: readonly ServiceColour[];
  onContributor(contributor: Contributor): void;
}

/** A bar of the critical path's parts, and each in words below it. */
function Contributors({ model, contributors, colours, onContributor }: ContributorsProps) {
  const words = contributors.map((entry) => wordsOf(entry, model));
  return (
    <>
      <div className="verdict-bar" aria-hidden="true">
        {contributors.map((entry, i) => (
          <span
            key={i}
            className="verdict-part"
            title={`${words[i]!.name} ${formatDuration(entry.nanos)}`}
            style={{ flexGrow: Math.max(entry.share, 0.002), ...partColour(entry, colours) }}
            data-hatched={(entry.service >= 0 && colours[entry.service]?.hatched) || undefined}
          />
        ))}
      </div>
      <ul className="verdict-parts" aria-label="Largest parts of the critical path">
        {isPathShorter(model) && (
          <li className="verdict-whole" title="What goes on after the answer, as work taken from a queue, is not on the critical path.">
            Critical path {formatDuration(pathLength(model))} of {formatDuration(model.length)}:
          </li>
        )}
        {contributors.map((entry, i) => {
          const content = (
            <>
              {entry.service >= 0 ? <ServiceDot colour={colours[entry.service] ?? { slot: 0, hatched: false }} /> : <span className="verdict-nobody" aria-hidden="true" />}
              <span className="verdict-name">{words[i]!.name}</span>
              <span className="verdict-nanos" title={formatExactNanos(entry.nanos)}>
                {formatDuration(entry.nanos)}
              </span>
              <span className="verdict-share">{entry.share >= 0.1 && entry.share < 0.99 ? `${Math.round(entry.share * 100)}%` : formatPercent(entry.share)}</span>
            </>
          );
          return (
            <li key={i}>
              {entry.service >= 0 ? (
                <button type="button" className="verdict-entry" title={`${words[i]!.name}: ${words[i]!.detail}. Press for the largest.`} onClick={() => onContributor(entry)}>
                  {content}
                </button>
              ) : (
                <span className="verdict-entry" title={words[i]!.detail}>
                  {content}
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </>
  );
}

/** Of the trace's time, what the critical path covers: its parts add up to this. */
function pathLength({ path }: TraceModel): number {
  return path.toNanos - path.fromNanos;
}

/** By less than this nobody asks why two lengths differ. */
const NOTABLE_DIFFERENCE = 0.01;

function isPathShorter(model: TraceModel): boolean {
  return model.clock === 'corrected' && pathLength(model) < model.length * (1 - NOTABLE_DIFFERENCE);
}

function wordsOf(entry: Contributor, model: TraceModel): { name: string; detail: string } {
  if (entry.isGap) return { name: 'no span', detail: 'Time of the critical path that no span covers' };
  if (entry.service < 0) return { name: 'other', detail: 'Everything else on the critical path' };
  return {
    name: `${serviceLabel(model.layout.services[entry.service] ?? '')} · ${model.layout.names[entry.name] ?? ''}`,
    detail: `${formatPlural(entry.spanCount, 'span')} on the critical path`,
  };
}

function partColour(entry: Contributor, colours: readonly ServiceColour[]): { background: string } {
  if (entry.service < 0) return { background: entry.isGap ? 'var(--border)' : 'var(--control)' };
  return { background: `var(--service-${colours[entry.service]?.slot ?? 0})` };
}
