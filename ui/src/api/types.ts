// The native API's answers as the UI uses them: the one place where API types enter.

/** Nanoseconds since 1970-01-01T00:00Z as text: beyond what a number holds exactly. */
export type UnixNanosText = string;

export type SpanKindWord = 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
export type SpanStatusWord = 'unset' | 'ok' | 'error';
export const SPAN_KINDS: readonly SpanKindWord[] = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
export const SPAN_STATUSES: readonly SpanStatusWord[] = ['unset', 'ok', 'error'];
export type Oddity = 'partial' | 'rootless' | 'orphans' | 'cycles' | 'sharedIds' | 'reversedTimes' | 'clockSkew';
export type SpanMark = 'orphan' | 'cycleCut' | 'sharedId' | 'endsBeforeStart';
/** Bit of each mark in {@link TraceLayout.marks}. */
export const MARK_BITS = { orphan: 1, cycleCut: 2, sharedId: 4, endsBeforeStart: 8 } as const;

export interface TraceList {
  traces: TraceItem[];
  next: string | null;
}

export interface TraceItem {
  traceId: string;
  startUnixNanos: UnixNanosText;
  endUnixNanos: UnixNanosText;
  durationNanos: number;
  firstReceivedUnixNanos: UnixNanosText;
  rootService: string;
  rootOperation: string;
  spanCount: number;
  errorCount: number;
  matchedSpanCount: number;
  duplicateCount: number;
  oddities: Oddity[];
  topContributor: TopContributor | null;
  services: ServiceShare[];
}

export interface TopContributor {
  service: string;
  operation: string;
  nanos: number;
  share: number;
}

export interface ServiceShare {
  name: string;
  spanCount: number;
  errorCount: number;
  ordinal: number;
}

/** A trace as columns in pre-order; offsets are nanoseconds after {@link baseUnixNanos}. */
export interface TraceLayout {
  traceId: string;
  baseUnixNanos: UnixNanosText;
  firstReceivedUnixNanos: UnixNanosText;
  fromNanos: number;
  toNanos: number;
  spanCount: number;
  errorCount: number;
  duplicateCount: number;
  skewedSpanCount: number;
  isPartial: boolean;
  services: string[];
  serviceOrdinals: number[];
  names: string[];
  missingParents: { row: number; parentSpanId: string }[];
  criticalPath: CriticalPath;
  contributors: Contributor[];
  verdict: Verdict;
  spanId: string[];
  /** Row of the parent; −1 at the top. */
  parent: number[];
  depth: number[];
  /** Row after the last descendant. */
  subtreeEnd: number[];
  /** By the sender's clock; add {@link skewNanos} for the corrected start. */
  startNanos: number[];
  durationNanos: number[];
  skewNanos: number[];
  selfNanos: number[];
  /** Time on the critical path. */
  criticalNanos: number[];
  service: number[];
  name: number[];
  /** Index into {@link SPAN_KINDS}. */
  kind: number[];
  /** Index into {@link SPAN_STATUSES}. */
  status: number[];
  marks: number[];
  flags: number[];
  eventRow: number[];
  /** By the sender's clock. */
  eventNanos: number[];
  isEventsCut: boolean;
}

/** Segments in order of time that tile [fromNanos, toNanos), clocks corrected. */
export interface CriticalPath {
  /** −1: the whole trace, which has no single root. */
  rootRow: number;
  fromNanos: number;
  toNanos: number;
  /** −1: no span covers this time. */
  row: number[];
  startNanos: number[];
  endNanos: number[];
}

export interface Contributor {
  /** Index, −1 for the rest and for gaps. */
  service: number;
  name: number;
  nanos: number;
  share: number;
  spanCount: number;
  isGap: boolean;
}

export type VerdictKind = 'retryLoop' | 'nPlusOne' | 'dominantSpan' | 'serialCalls' | 'gap' | 'queueDelay' | 'straggler' | 'nothing';

export interface Verdict {
  kind: VerdictKind;
  nanos: number;
  share: number;
  parts: { text: string; style: 'text' | 'strong' | 'code' }[];
  rows: number[];
  spanCount: number;
}

export type AttributeJson = string | number | boolean | null | AttributeJson[] | { [key: string]: AttributeJson };
export type Attributes = { [key: string]: AttributeJson };

export interface SpanDetails {
  traceId: string;
  missing: string[];
  resources: { service: string | null; schemaUrl: string; droppedAttributes: number; attributes: Attributes }[];
  scopes: { name: string; version: string; schemaUrl: string; droppedAttributes: number; attributes: Attributes }[];
  spans: SpanDetail[];
}

export interface SpanDetail {
  row: number;
  parentRow: number;
  spanId: string;
  parentSpanId: string | null;
  name: string;
  service: string | null;
  kind: SpanKindWord;
  status: SpanStatusWord;
  statusMessage: string;
  startUnixNanos: UnixNanosText;
  endUnixNanos: UnixNanosText;
  durationNanos: number;
  resource: number;
  scope: number;
  traceState: string;
  flags: number;
  droppedAttributes: number;
  droppedEvents: number;
  droppedLinks: number;
  marks: SpanMark[];
  attributes: Attributes;
  events: { timeUnixNanos: UnixNanosText; name: string; droppedAttributes: number; attributes: Attributes }[];
  links: { traceId: string; spanId: string; traceState: string; flags: number; droppedAttributes: number; attributes: Attributes }[];
}

export interface Backlinks {
  links: { traceId: string; spanId: string; service: string; name: string; startUnixNanos: UnixNanosText; toSpanId: string }[];
  isCut: boolean;
  searchedTraceCount: number;
}

export interface FoundRows {
  rows: number[];
}

export interface RootDurations {
  traceCount: number;
  p50Nanos: number | null;
  p95Nanos: number | null;
  p99Nanos: number | null;
  maxNanos: number | null;
}

export interface AttributeKeys {
  traceCount: number;
  keys: { key: string; spanCount: number; values: { value: string; spanCount: number }[]; isCut: boolean }[];
}

export interface Remedies {
  remedies: { kind: 'without' | 'widen'; parameter: string; value: string | null; from: string | null; count: number; isMore: boolean }[];
}

export interface Services {
  services: { name: string; ordinal: number; operationCount: number; spanCount: number; lastStartUnixNanos: UnixNanosText }[];
  isCut: boolean;
}

export interface Operations {
  operations: { service: string; name: string; kind: SpanKindWord; spanCount: number; lastStartUnixNanos: UnixNanosText }[];
  isCut: boolean;
}

export interface Status {
  timeUnixNanos: UnixNanosText;
  version: string;
  acceptsWrites: boolean;
  readOnlyReason: string | null;
  listeners: { role: 'http' | 'otlpHttp' | 'otlpGrpc'; url: string }[];
  store: {
    spanCount: number;
    traceCount: number;
    headSpanCount: number;
    segmentCount: number;
    segmentBytes: number;
    logBytes: number;
    headBytes: number;
    duplicateRequestCount: number;
  };
  alarms: string[];
  ingest: {
    sinceUnixNanos: UnixNanosText;
    acceptedSpans: number;
    rejectedSpans: Record<string, number>;
    cuts: Record<string, number>;
    refusedRequests: Record<string, number>;
    turnedAwayRequests: Record<string, number>;
    protocols: { protocol: string; requests: Record<string, number>; lastSeenUnixNanos: UnixNanosText }[];
    wireBytes: number;
    bodyBytes: number;
    recentRefusals: { timeUnixNanos: UnixNanosText; protocol: string; reason: string; sentence: string }[];
  } | null;
}

/** What the server says when a request was wrong. */
export interface Problem {
  status: number;
  title: string;
  detail: string;
  parameter: string | null;
  found: string | null;
  expected: string | null;
  suggestion: string | null;
}
