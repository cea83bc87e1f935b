// What has come in since, put into words for the live listener.
import type { Status, TraceItem } from '../../api/types';
import { toMillis } from '../../format/time';

export interface Arrival {
  service: string;
  ordinal: number;
  /** The trace it was heard in last, and how many spans of it are the service's. */
  spanCount: number;
  traceId: string;
  operation: string;
  receivedMillis: number;
}

/** One line per service, the one heard last first; of one trace, the service of its root. */
export function arrivalsOf(traces: readonly TraceItem[]): Arrival[] {
  const byService = new Map<string, Arrival>();
  for (const trace of traces) {
    const receivedMillis = toMillis(trace.firstReceivedUnixNanos);
    const rootFirst = [...trace.services].sort((a, b) => Number(b.name === trace.rootService) - Number(a.name === trace.rootService));
    for (const share of rootFirst) {
      const known = byService.get(share.name);
      if (known && known.receivedMillis >= receivedMillis) continue;
      // Anew, so that the map keeps the order of hearing.
      byService.delete(share.name);
      byService.set(share.name, { service: share.name, ordinal: share.ordinal, spanCount: share.spanCount, traceId: trace.traceId, operation: trace.rootOperation, receivedMillis });
    }
  }
  return [...byService.values()].sort((a, b) => b.receivedMillis - a.receivedMillis);
}

export type Refusal = NonNullable<Status['ingest']>['recentRefusals'][number];

export interface RefusalGroup {
  refusal: Refusal;
  count: number;
}

/** Senders repeat themselves: the same words once, with the latest time. The order stays newest first. */
export function groupRefusals(refusals: readonly Refusal[]): RefusalGroup[] {
  const groups = new Map<string, RefusalGroup>();
  for (const refusal of refusals) {
    const key = `${refusal.protocol}\n${refusal.reason}\n${refusal.sentence}`;
    const group = groups.get(key);
    if (group) group.count++;
    else groups.set(key, { refusal, count: 1 });
  }
  return [...groups.values()];
}

const PROTOCOLS: Record<string, string> = {
  otlpHttpProtobuf: 'OTLP/HTTP protobuf',
  otlpHttpJson: 'OTLP/HTTP JSON',
  otlpHttpOther: 'OTLP/HTTP',
  otlpGrpc: 'OTLP/gRPC',
};

/** "OTLP/HTTP JSON" of "otlpHttpJson"; others as they are. */
export function protocolLabel(protocol: string): string {
  return PROTOCOLS[protocol] ?? protocol;
}
