// Matches in a trace: names at once from what is here, attributes and the rest from the server.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { getJson } from '../../../api/client';
import type { FoundRows } from '../../../api/types';
import type { Matches, TraceModel } from '../model';
import { addRows, both, matchNames, matchService } from './matches';

const DEBOUNCE_MS = 200;

export interface Found {
  /** Null when nothing is searched for. */
  matches: Matches | null;
  /** The server is still looking at attributes. */
  isSearching: boolean;
  /** It could not: names alone were searched. */
  hasFailed: boolean;
}

export function useMatches(model: TraceModel | null, find: string, service: string | null): Found {
  const text = find.trim();
  const settled = useSettled(text, DEBOUNCE_MS);
  const traceId = model?.layout.traceId ?? '';
  const isAsked = model !== null && settled !== '';
  // The count is part of the key: rows of a grown trace are others. A key that is left aborts its call.
  const answer = useQuery({
    queryKey: ['find', traceId, settled, model?.count ?? 0],
    queryFn: ({ signal }) => getJson<FoundRows>(`traces/${traceId}/find`, { text: settled }, signal),
    enabled: isAsked,
    staleTime: Infinity,
    gcTime: 60_000,
  });
  const rows = settled === text ? answer.data?.rows : undefined;
  const matches = useMemo(() => {
    if (!model || (text === '' && service === null)) return null;
    const byService = service === null ? null : matchService(model, service);
    if (text === '') return byService;
    const byText = addRows(matchNames(model, text), rows ?? []);
    return byService ? both(byText, byService) : byText;
  }, [model, text, service, rows]);
  return { matches, isSearching: text !== '' && (settled !== text || answer.isFetching), hasFailed: isAsked && answer.isError };
}

/** The value once it has not changed for a while. */
function useSettled(value: string, millis: number): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), millis);
    return () => clearTimeout(timer);
  }, [value, millis]);
  return settled;
}
