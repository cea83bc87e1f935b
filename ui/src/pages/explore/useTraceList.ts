// The list's data: pages older by cursor, newer traces by asking for the newest now and then, applied only while nobody is looking closely.
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import { getDated, getJson } from '../../api/client';
import type { TraceItem, TraceList } from '../../api/types';
import { resolveRange, type TimeRange } from '../../time/range';
import { apiParameters, isOpenEnded, type TraceFilters } from './exploreUrl';
import { compareNewest, flatten, withinBounds, withNewest, withUpdates } from './traceList';

export const PAGE_SIZE = 50;
const NEWEST_SIZE = 100;
const POLL_MS = 5_000;
/** Back from a trace, the list is as it was. */
const KEEP_MS = 30 * 60_000;

export interface TraceListState {
  traces: TraceItem[];
  isPending: boolean;
  error: Error | null;
  /** What is shown belongs to the filters before. */
  isStale: boolean;
  isRefreshing: boolean;
  refreshError: Error | null;
  hasMore: boolean;
  isLoadingMore: boolean;
  moreError: Error | null;
  loadMore: () => void;
  /** New traces that wait to be shown, and whether there are more than counted. */
  waiting: { count: number; isMore: boolean };
  showWaiting: () => void;
  /** Asks for what is new and shows it. */
  refresh: () => Promise<void>;
  retry: () => void;
}

interface Newest {
  list: TraceList;
  /** Where the range began when this was asked; null: nowhere, or not known. */
  fromMillis: number | null;
}

type Pages = InfiniteData<TraceList, string | null>;

/** @param isHeld while true, new traces wait: someone reads, points or selects. */
export function useTraceList(filters: TraceFilters, range: TimeRange, live: boolean, isHeld: boolean): TraceListState {
  const client = useQueryClient();
  const parameters = useMemo(() => apiParameters(filters, range), [filters, range]);
  const listKey = useMemo(() => ['traces', 'list', parameters], [parameters]);
  const newestKey = useMemo(() => ['traces', 'newest', parameters], [parameters]);

  const list = useInfiniteQuery({
    queryKey: listKey,
    queryFn: ({ pageParam, signal }) => getJson<TraceList>('traces', { ...parameters, limit: PAGE_SIZE, after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    // Fetching the pages anew would move what is on screen; newer traces come in by the other way.
    staleTime: Infinity,
    gcTime: KEEP_MS,
    meta: { isKept: true },
    placeholderData: keepPreviousData,
  });

  const askNewest = useCallback(async (signal?: AbortSignal): Promise<Newest> => {
    const { body, serverMillis } = await getDated<TraceList>('traces', { ...parameters, limit: NEWEST_SIZE }, signal);
    // The server's clock says where the range begins: the browser's may differ.
    return { list: body, fromMillis: serverMillis === null ? null : resolveRange(range, serverMillis).fromMillis };
  }, [parameters, range]);
  const isReady = list.isSuccess && !list.isPlaceholderData;
  const newest = useQuery({
    queryKey: newestKey,
    queryFn: ({ signal }) => askNewest(signal),
    enabled: isReady && live && isOpenEnded(range),
    refetchInterval: POLL_MS,
    staleTime: POLL_MS - 500,
    gcTime: 0,
    retry: false,
  });

  const pages = list.data?.pages;
  const change = useCallback((next: (pages: TraceList[]) => TraceList[]) => {
    client.setQueryData<Pages>(listKey, (data) => {
      if (!data) return data;
      const changed = next(data.pages);
      return changed === data.pages ? data : { pages: changed, pageParams: changed.map((_, i) => data.pageParams[i] ?? null) };
    });
  }, [client, listKey]);

  const fresh = isReady ? newest.data : undefined;
  const compared = useMemo(() => (fresh && pages ? compareNewest(pages, fresh.list) : null), [fresh, pages]);
  const waitingCount = compared?.added.length ?? 0;
  useEffect(() => {
    if (!fresh || !compared) return;
    if (isHeld) change((now) => withUpdates(now, compared.updated));
    else change((now) => withinBounds(compared.added.length > 0 ? withNewest(now, fresh.list) : withUpdates(now, compared.updated), fresh.list, fresh.fromMillis));
  }, [fresh, compared, isHeld, change]);

  const refresh = useCallback(async () => {
    if (!client.getQueryData<Pages>(listKey)) {
      await client.refetchQueries({ queryKey: listKey });
      return;
    }
    const answer = await client.fetchQuery({ queryKey: newestKey, queryFn: ({ signal }) => askNewest(signal), staleTime: 0, retry: false });
    change((now) => withinBounds(withNewest(now, answer.list), answer.list, answer.fromMillis));
  }, [client, listKey, newestKey, askNewest, change]);

  return {
    traces: useMemo(() => flatten(pages ?? []), [pages]),
    isPending: list.isPending,
    error: list.isError && (!pages || !list.isFetchNextPageError) ? list.error : null,
    isStale: list.isPlaceholderData,
    isRefreshing: newest.isFetching || (list.isFetching && !list.isFetchingNextPage),
    refreshError: newest.error,
    hasMore: isReady && list.hasNextPage,
    isLoadingMore: list.isFetchingNextPage,
    moreError: list.isFetchNextPageError ? list.error : null,
    loadMore: useCallback(() => void list.fetchNextPage({ cancelRefetch: false }), [list.fetchNextPage]),
    waiting: { count: waitingCount, isMore: compared?.hasGap ?? false },
    showWaiting: useCallback(() => fresh && change((now) => withNewest(now, fresh.list)), [fresh, change]),
    refresh,
    retry: () => void list.refetch(),
  };
}
