// Nothing was found: what was searched, in words, and what would find something, one click away.
import { useQuery } from '@tanstack/react-query';
import { getJson } from '../../api/client';
import type { Remedies } from '../../api/types';
import { Button, EmptyState, Skeleton, useDelayed } from '../../design';
import { usePreferences } from '../../preferences/preferences';
import { rangeLabel, type TimeRange } from '../../time/range';
import { apiParameters, hasFilters, NO_FILTERS, type TraceFilters } from './exploreUrl';
import { inWords, partsOf } from './filters';
import { remedyLabel, remedyOf } from './remedies';

export interface EmptyResultProps {
  filters: TraceFilters;
  range: TimeRange;
  onChange: (change: { filters: TraceFilters; range: TimeRange }) => void;
}

export function EmptyResult({ filters, range, onChange }: EmptyResultProps) {
  const { utc } = usePreferences();
  const parameters = apiParameters(filters, range);
  const answer = useQuery({ queryKey: ['remedies', parameters], queryFn: ({ signal }) => getJson<Remedies>('traces/remedies', parameters, signal), retry: false });
  const isLate = useDelayed(answer.isPending);
  const remedies = (answer.data?.remedies ?? []).flatMap((remedy) => {
    const change = remedyOf(remedy, filters, range);
    return change ? [{ remedy, change }] : [];
  });
  const time = rangeLabel(range, utc);
  return (
    <EmptyState
      title={hasFilters(filters) ? 'No trace matches' : 'No traces in this time'}
      actions={
        <>
          {isLate && <Skeleton width={240} height={28} />}
          {remedies.map(({ remedy, change }) => (
            <Button key={`${remedy.kind} ${remedy.parameter} ${remedy.value} ${remedy.from}`} onClick={() => onChange(change)}>
              {remedyLabel(remedy)}
            </Button>
          ))}
          {answer.isSuccess && remedies.length === 0 && hasFilters(filters) && <Button onClick={() => onChange({ filters: NO_FILTERS, range: { from: 'all', to: 'now' } })}>Show all traces of all time</Button>}
        </>
      }
    >
      <p>
        Searched: {time.charAt(0).toLowerCase() + time.slice(1)}
        {partsOf(filters).map((part) => (
          <span key={`${part.field} ${part.value}`}>
            , <strong className="searched-part">{inWords(part)}</strong>
          </span>
        ))}
        .
      </p>
      {remedies.length > 0 && <p>What would find something:</p>}
      {answer.isSuccess && remedies.length === 0 && <p>Neither a wider time nor leaving out one filter finds anything.</p>}
    </EmptyState>
  );
}
