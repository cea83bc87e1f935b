// What is known of the bar under the pointer. For eyes only: the same words are in the row's name and the details.
import { formatCount, formatPercent } from '../../../format/count';
import { formatDuration, formatOffset } from '../../../format/duration';
import type { Facts } from './facts';
import { GROUP_KINDS } from './fold';

export const HOVER_MS = 80;
const WIDTH = 300;
const HEIGHT = 150;

export interface Hover {
  code: number;
  /** Of the waterfall's box. */
  x: number;
  y: number;
}

export function HoverCard({ hover, facts, width, height }: { hover: Hover; facts: Facts; width: number; height: number }) {
  const { model, plan } = facts;
  const { code } = hover;
  const group = code < 0 ? facts.group(~code) : null;
  const duration = group ? group.total : model.duration[code]!;
  const start = group ? group.from : model.start[code]!;
  const critical = group ? group.critical : model.critical[code]!;
  const left = hover.x + 14 + WIDTH > width ? Math.max(4, hover.x - WIDTH - 10) : hover.x + 14;
  const top = hover.y + 18 + HEIGHT > height ? Math.max(4, hover.y - HEIGHT - 6) : hover.y + 18;
  const isMissing = group !== null && plan.groups.kind[~code]! >= GROUP_KINDS.missingParent;
  const service = group ? model.layout.services[group.service] : model.serviceName(code);
  return (
    <div className="waterfall-card" aria-hidden style={{ left, top, width: WIDTH }}>
      <div className="waterfall-card-title">
        {service ? <span className="waterfall-card-service">{service} · </span> : null}
        {group && !isMissing ? `${formatCount(group.size)} × ${group.name}` : group ? group.name : model.spanName(code)}
      </div>
      <dl className="waterfall-card-facts">
        <dt>Starts</dt>
        <dd>{formatOffset(start - model.from)}</dd>
        <dt>{group ? 'Total' : 'Duration'}</dt>
        <dd>
          {formatDuration(duration)}
          {!group && model.length > 0 ? <span className="waterfall-card-share">{formatPercent(duration / model.length)} of trace</span> : null}
        </dd>
        {group ? (
          <>
            <dt>Median</dt>
            <dd>{formatDuration(group.p50)}</dd>
          </>
        ) : (
          <>
            <dt>Self</dt>
            <dd>{formatDuration(model.self[code]!)}</dd>
          </>
        )}
        <dt>Critical</dt>
        <dd>
          {critical > 0 ? formatDuration(critical) : '–'}
          {critical > 0 ? <span className="waterfall-card-share">{formatPercent(facts.criticalShare(critical))} of path</span> : null}
        </dd>
        {group && group.errors > 0 ? (
          <>
            <dt>Errors</dt>
            <dd className="waterfall-card-error">{formatCount(group.errors)}</dd>
          </>
        ) : null}
        {!group && model.isError(code) ? (
          <>
            <dt>Status</dt>
            <dd className="waterfall-card-error">Error</dd>
          </>
        ) : null}
      </dl>
    </div>
  );
}
