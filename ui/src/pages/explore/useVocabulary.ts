// What can be filtered by, as the server knows it: asked for only once someone is about to filter.
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { getJson } from '../../api/client';
import type { AttributeKeys, Operations, Services } from '../../api/types';
import type { TimeRange } from '../../time/range';
import { apiParameters, NO_FILTERS } from './exploreUrl';
import type { Vocabulary } from './quickFilter';

const STALE_MS = 30_000;

export function useVocabulary(service: string | null, range: TimeRange, enabled: boolean): Vocabulary & { isLoading: boolean } {
  const services = useQuery({ queryKey: ['services'], queryFn: ({ signal }) => getJson<Services>('services', {}, signal), staleTime: STALE_MS, enabled });
  const operations = useQuery({ queryKey: ['operations', service], queryFn: ({ signal }) => getJson<Operations>('operations', { service }, signal), staleTime: STALE_MS, enabled });
  const { from, to } = apiParameters(NO_FILTERS, range);
  const attributes = useQuery({ queryKey: ['attributes', service, from, to], queryFn: ({ signal }) => getJson<AttributeKeys>('attributes', { service, from, to }, signal), staleTime: STALE_MS, enabled });
  return useMemo(
    () => ({
      services: services.data?.services.map((one) => ({ name: one.name, spanCount: one.spanCount })) ?? [],
      operations: merged(operations.data?.operations ?? []),
      attributes: attributes.data?.keys ?? [],
      isLoading: services.isLoading || operations.isLoading || attributes.isLoading,
    }),
    [services.data, operations.data, attributes.data, services.isLoading, operations.isLoading, attributes.isLoading],
  );
}

/** One entry per name: the API has one per service, name and kind. */
function merged(operations: Operations['operations']): { name: string; spanCount: number }[] {
  const counts = new Map<string, number>();
  for (const { name, spanCount } of operations) counts.set(name, (counts.get(name) ?? 0) + spanCount);
  return [...counts].map(([name, spanCount]) => ({ name, spanCount })).sort((a, b) => b.spanCount - a.spanCount);
}
