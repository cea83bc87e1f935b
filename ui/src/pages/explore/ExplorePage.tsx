// The list of traces and what filters it.
import { useQuery } from '@tanstack/react-query';
import { Radio, RotateCw } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Redirect } from 'wouter';
import { ApiError, getJson } from '../../api/client';
import type { Status } from '../../api/types';
import { announce, Button, ErrorState, IconButton, PageHeader, Skeleton, useDelayed } from '../../design';
import { formatPlural } from '../../format/count';
import { useKeys } from '../../keys/keys';
import { usePreferences } from '../../preferences/preferences';
import { TimeRangePicker } from '../../time/TimeRangePicker';
import { useUrlState } from '../../url/useUrlState';
import { EmptyResult } from './EmptyResult';
import { apiParameters, exploreUrl, isOpenEnded, type TraceFilters } from './exploreUrl';
import { FilterBar } from './FilterBar';
import { partsOf, withoutPart } from './filters';
import { ROW_HEIGHTS, TraceHead, TraceTable } from './TraceTable';
import { useTraceList, type TraceListState } from './useTraceList';
import './explore.css';

export default function ExplorePage() {
  const [state, set] = useUrlState(exploreUrl);
  const { range, live } = state;
  // The same filters must be the same object, or every second would be a new search.
  const listKey = JSON.stringify(apiParameters(state.filters, range));
  const filters = useMemo(() => state.filters, [listKey]);
  const [isHeld, setHeld] = useState(false);
  const list = useTraceList(filters, range, live, isHeld);
  const input = useRef<HTMLInputElement>(null);
  const canLive = isOpenEnded(range);

  const setFilters = (next: TraceFilters) => set((now) => ({ ...now, filters: next }));
  const toggleLive = () => {
    announce(live ? 'New traces no longer appear by themselves' : 'New traces appear by themselves', { isShown: false });
    set((now) => ({ ...now, live: !now.live }), true);
  };
  const refresh = () => void list.refresh().catch((error: unknown) => announce(error instanceof ApiError && error.isOffline ? 'The server does not answer' : 'Refreshing failed'));
  useKeys('Traces', [
    { keys: '/', label: 'Filter', run: () => input.current?.focus() },
    { keys: 'r', label: 'Refresh', run: refresh },
    { keys: 'l', label: 'New traces by themselves on/off', run: toggleLive },
  ]);

  return (
    <main className="explore">
      <PageHeader title="Traces">
        <Button icon={<Radio aria-hidden />} aria-pressed={live && canLive} aria-disabled={!canLive} title={canLive ? 'New traces appear by themselves (L)' : 'The time range has a fixed end: nothing new can come'} onClick={canLive ? toggleLive : undefined}>
          Live
        </Button>
        <IconButton label="Refresh" shortcut="R" icon={<RotateCw className={list.isRefreshing ? 'explore-turning' : undefined} aria-hidden />} onClick={refresh} />
        <TimeRangePicker value={range} onChange={(next) => set((now) => ({ ...now, range: next }))} />
      </PageHeader>
      <FilterBar filters={filters} range={range} onChange={setFilters} inputRef={input} />
      <Results list={list} filters={filters} listKey={listKey} onHeld={setHeld} onFilters={setFilters}>
        <EmptyResult filters={filters} range={range} onChange={(change) => set((now) => ({ ...now, ...change }))} />
      </Results>
    </main>
  );
}

interface ResultsProps {
  list: TraceListState;
  filters: TraceFilters;
  listKey: string;
  onHeld: (isHeld: boolean) => void;
  onFilters: (filters: TraceFilters) => void;
  /** What stands there when nothing was found. */
  children: React.ReactNode;
}

function Results({ list, filters, listKey, onHeld, onFilters, children }: ResultsProps) {
  const isLate = useDelayed(list.isPending);
  useAnnouncedCount(list);
  const isEmpty = !list.isPending && !list.error && list.traces.length === 0 && !list.isStale;
  const isFirstRun = useFirstRun(isEmpty);
  if (list.error) return <Failed error={list.error} filters={filters} onFilters={onFilters} retry={list.retry} />;
  if (list.isPending) return isLate ? <LoadingRows /> : null;
  if (isFirstRun) return <Redirect to="/connect" replace />;
  // Until it is known whether there has ever been a span, neither page would be right.
  if (isEmpty) return isFirstRun === null ? null : <div className="explore-empty">{children}</div>;
  return (
    <>
      <p className="explore-count">
        {countText(list)}
        {list.refreshError && <span className="explore-refresh-error"> · New traces could not be fetched</span>}
      </p>
      <TraceTable list={list} listKey={listKey} onHeld={onHeld} />
    </>
  );
}

function countText({ traces, hasMore, isStale }: TraceListState): string {
  if (isStale) return 'Searching…';
  return `${formatPlural(traces.length, 'trace')}${hasMore ? ' loaded, more below' : ''}`;
}

/** Says the count after a search and after each page; not for what comes in by itself. */
function useAnnouncedCount(list: TraceListState): void {
  const isSettled = !list.isPending && !list.isStale && !list.isLoadingMore && !list.error;
  const text = isSettled ? `${list.traces.length === 0 ? 'No trace' : formatPlural(list.traces.length, 'trace')}${list.hasMore ? ' loaded, more below' : ' found'}` : '';
  const latest = useRef(text);
  latest.current = text;
  useEffect(() => {
    if (isSettled) announce(latest.current, { isShown: false });
  }, [isSettled]);
}

/** Whether the store has never held a span; null while that is not known. Asked only when nothing was found. */
function useFirstRun(isEmpty: boolean): boolean | null {
  const status = useQuery({ queryKey: ['status'], queryFn: ({ signal }) => getJson<Status>('status', {}, signal), enabled: isEmpty, staleTime: 1_000 });
  if (!isEmpty || status.isError) return false;
  return status.data ? status.data.store.spanCount === 0 : null;
}

function Failed({ error, filters, onFilters, retry }: { error: Error; filters: TraceFilters; onFilters: (filters: TraceFilters) => void; retry: () => void }) {
  const parameter = error instanceof ApiError ? error.problem?.parameter : null;
  const part = partsOf(filters).find((one) => one.field === parameter);
  return (
    <div className="explore-empty">
      <ErrorState error={error} retry={retry} />
      {part && (
        <p className="explore-remove">
          <Button onClick={() => onFilters(withoutPart(filters, part))}>Remove this filter</Button>
        </p>
      )}
    </div>
  );
}

/** The list's own geometry: what comes must not make the page jump. */
function LoadingRows() {
  const { density } = usePreferences();
  return (
    <>
      <p className="explore-count">Searching…</p>
      <div className="trace-list" aria-hidden>
        <div className="trace-scroller">
          <div className="trace-table" style={{ '--row': `${ROW_HEIGHTS[density]}px` } as React.CSSProperties}>
            <TraceHead />
            {Array.from({ length: 14 }, (_, i) => (
              <div className="trace-row" key={i}>
                {[84, `${48 + ((i * 17) % 40)}%`, '70%', 24, 16, '80%', '70%'].map((width, column) => (
                  <div className="trace-cell" key={column}>
                    <Skeleton width={width} />
                  </div>
                ))}
              </div>
            ))}
          </div>
        </div>
      </div>
    </>
  );
}
