// Loads a trace's layout, asks again while the trace may still grow, and stops loading when the page is left.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { ApiError, getDated } from '../../api/client';
import type { TraceLayout } from '../../api/types';
import { beginGrowth, continueGrowth, isSameTrace, nextRefetch, QUIET_MS, type Growth } from './growth';

export interface LoadedTrace {
  layout: TraceLayout;
  growth: Growth;
  loadMillis: number;
}

/** A trace that is not there may not have arrived yet: it is looked for this often, this many times. */
const SEARCH_MS = 2_500;
export const MAX_SEARCHES = 12;

export function useTrace(traceId: string) {
  const queries = useQueryClient();
  const queryKey = ['layout', traceId];
  return useQuery({
    queryKey,
    queryFn: async ({ signal }): Promise<LoadedTrace> => {
      const before = queries.getQueryData<LoadedTrace>(queryKey);
      const asked = Date.now();
      const { body: layout, serverMillis } = await getDated<TraceLayout>(`traces/${encodeURIComponent(traceId)}/layout`, {}, signal);
      const now = Date.now();
      // The same object: nothing downstream is computed or drawn again.
      if (before && isSameTrace(before.layout, layout)) return before;
      const growth = before ? continueGrowth(before.growth, layout, now) : beginGrowth(layout, serverMillis, now);
      return { layout, growth, loadMillis: now - asked };
    },
    // Comparing a hundred thousand rows deeply costs more than it saves.
    structuralSharing: false,
    gcTime: 60_000,
    refetchInterval: ({ state }) => {
      if (state.data) return nextRefetch(state.data.growth, Date.now(), state.data.loadMillis) ?? false;
      return isNotFound(state.error) && state.errorUpdateCount < MAX_SEARCHES ? SEARCH_MS : false;
    },
  });
}

/** Whether new spans are still looked for. Turns false by itself when the time is up. */
export function useIsLive({ changedAt }: Growth): boolean {
  const [, setLookedAt] = useState(0);
  const until = changedAt === null ? 0 : changedAt + QUIET_MS;
  useEffect(() => {
    const left = until - Date.now();
    if (left <= 0) return;
    const timer = setTimeout(() => setLookedAt(until), left);
    return () => clearTimeout(timer);
  }, [until]);
  return Date.now() < until;
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
