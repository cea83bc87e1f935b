// Loads what the details panel shows of a span, and the links that point at the trace.
import { useQuery } from '@tanstack/react-query';
import { getJson } from '../../../api/client';
import type { Backlinks, SpanDetail, SpanDetails } from '../../../api/types';
import type { TraceModel } from '../model';

export interface LoadedSpan {
  span: SpanDetail;
  resource: SpanDetails['resources'][number] | null;
  scope: SpanDetails['scopes'][number] | null;
}

export function useSpanDetails(model: TraceModel, row: number) {
  const { traceId } = model.layout;
  const spanId = model.layout.spanId[row] ?? '';
  const sharing = model.rowsOfSpanId(spanId);
  const nth = Math.max(0, sharing.indexOf(row));
  return useQuery({
    // Spans don't change; only how many share the id may.
    queryKey: ['span', traceId, spanId, sharing.length],
    queryFn: ({ signal }) => getJson<SpanDetails>(`traces/${traceId}/spans/${spanId}`, {}, signal),
    select: (answer) => pickSpan(answer, nth),
    staleTime: Infinity,
  });
}

/** The nth by row of the spans that share an id. Not the row itself: rows of a growing trace move. */
export function pickSpan(answer: SpanDetails, nth: number): LoadedSpan | null {
  const span = [...answer.spans].sort((a, b) => a.row - b.row)[nth];
  if (!span) return null;
  return { span, resource: answer.resources[span.resource] ?? null, scope: answer.scopes[span.scope] ?? null };
}

/** Once per trace, when details are first looked at: finding them means a search through other traces. */
export function useBacklinks(traceId: string) {
  return useQuery({
    queryKey: ['backlinks', traceId],
    queryFn: ({ signal }) => getJson<Backlinks>(`traces/${traceId}/backlinks`, {}, signal),
    staleTime: 60_000,
  });
}
