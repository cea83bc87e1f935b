// The native API's answers. Written by scripts/generateApi.ts from api/openapi.json; to change it, change the server's schemas, then: npm run generate

/** Anything JSON can hold. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface Attributes {
  /** Traces looked at. */
  traceCount: number;
  /** The most frequent ones first, at most 300. */
  keys: {
    /** Attribute of a span or its resource. */
    key: string;
    /** Spans that have it. */
    spanCount: number;
    /** The most frequent ones first, at most 10. */
    values: {
      /** As the attribute filter of traces takes it. */
      value: string;
      /** Spans that have this value. */
      spanCount: number;
    }[];
    /** There are values besides these. */
    isCut: boolean;
  }[];
}

export interface Backlinks {
  /** In order of the list of traces, then of rows. */
  links: {
    /** The trace that has the link. */
    traceId: string;
    /** The span that has it. */
    spanId: string;
    /** Of that span; "" without one. */
    service: string;
    /** Of that span. */
    name: string;
    /** Start of that span. Nanoseconds since 1970-01-01T00:00Z. */
    startUnixNanos: string;
    /** The span of this trace that the link names; all zeros when it names none. */
    toSpanId: string;
  }[];
  /** There may be more: the limit was met, or the time was up. */
  isCut: boolean;
  /** Traces looked into: those that the store could not rule out. */
  searchedTraceCount: number;
}

export interface FoundRows {
  /** In order. */
  rows: number[];
}

/** An OpenAPI 3.1 document. */
export type OpenApi = { [key: string]: Json };

export interface Operations {
  /** By service, name and kind. */
  operations: {
    /** "" for spans without a service name. */
    service: string;
    /** Span name. */
    name: string;
    kind: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
    /** Stored spans. */
    spanCount: number;
    /** Start of its newest span. Nanoseconds since 1970-01-01T00:00Z. */
    lastStartUnixNanos: string;
  }[];
  /** There are more than limit allows. */
  isCut: boolean;
}

export interface OtlpTracesData {
  resourceSpans: { [key: string]: Json }[];
}

export interface Problem {
  /** HTTP status. */
  status: number;
  /** The kind of problem. */
  title: string;
  /** One sentence for a person. */
  detail: string;
  /** The parameter at fault. */
  parameter: string | null;
  /** Its value as received. */
  found: string | null;
  /** What would be right. */
  expected: string | null;
  /** What was probably meant. */
  suggestion: string | null;
}

export interface Remedies {
  /** The most promising first. */
  remedies: {
    kind: 'without' | 'widen';
    /** The parameter to leave out or, of a wider time, to change. */
    parameter: string;
    /** Its value in the request; "" when it was not given. */
    value: string;
    /** Of a wider time, the from to ask with, without a to: now-24h, now-7d, or all for none. Else null. */
    from: string | null;
    /** Traces found then, at most 100. */
    count: number;
    /** There are more than count, or there may be. */
    isMore: boolean;
  }[];
}

export interface RootDurations {
  /** Traces looked at; 0: there are none, and the rest is null. */
  traceCount: number;
  /** Half of them took as long or less. */
  p50Nanos: number | null;
  /** 95% of them took as long or less. */
  p95Nanos: number | null;
  /** 99% of them took as long or less. */
  p99Nanos: number | null;
  /** The longest. */
  maxNanos: number | null;
}

export interface Services {
  /** By name. */
  services: {
    /** "" for spans without a service name. */
    name: string;
    /** Number of the service: 0, 1, 2 … in the order this server first met them, and the same from then on. Its colour goes by it. */
    ordinal: number;
    /** Distinct span names. */
    operationCount: number;
    /** Stored spans. */
    spanCount: number;
    /** Start of its newest span. Nanoseconds since 1970-01-01T00:00Z. */
    lastStartUnixNanos: string;
  }[];
  /** There are more than limit allows. */
  isCut: boolean;
}

export interface SpanDetails {
  /** Trace id. */
  traceId: string;
  /** Ids asked for that no span has. */
  missing: string[];
  /** By index. */
  resources: {
    /** Service name; null without one. */
    service: string | null;
    /** OpenTelemetry schema; "" without one. */
    schemaUrl: string;
    /** Attributes that were left out before or on arrival. */
    droppedAttributes: number;
    /** Natural JSON values by key: bytes are base64 text, and of a key that was sent twice the last is shown. The exact values are at /api/v1/traces/{id}/otlp. */
    attributes: { [key: string]: Json };
  }[];
  /** By index. */
  scopes: {
    /** Instrumentation scope, mostly a library. */
    name: string;
    /** Of the scope. */
    version: string;
    /** OpenTelemetry schema; "" without one. */
    schemaUrl: string;
    /** Attributes that were left out before or on arrival. */
    droppedAttributes: number;
    /** Natural JSON values by key: bytes are base64 text, and of a key that was sent twice the last is shown. The exact values are at /api/v1/traces/{id}/otlp. */
    attributes: { [key: string]: Json };
  }[];
  /** In pre-order. */
  spans: {
    /** Place in the trace's pre-order, from 0. */
    row: number;
    /** Row of the parent; −1 for a root, an orphan, or where a cycle was cut. */
    parentRow: number;
    /** Span id. */
    spanId: string;
    /** As sent; null for a root. */
    parentSpanId: string | null;
    /** Span name. */
    name: string;
    /** Service name; null without one. */
    service: string | null;
    kind: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
    status: 'unset' | 'ok' | 'error';
    /** Mostly empty, unless status is error. */
    statusMessage: string;
    /** Start. Nanoseconds since 1970-01-01T00:00Z. */
    startUnixNanos: string;
    /** End, as sent: may lie before the start. Nanoseconds since 1970-01-01T00:00Z. */
    endUnixNanos: string;
    /** End minus start, 0 when negative. */
    durationNanos: number;
    /** Index into resources. */
    resource: number;
    /** Index into scopes. */
    scope: number;
    /** W3C trace state. */
    traceState: string;
    /** All 32 bits as sent; the low eight are W3C trace flags. */
    flags: number;
    /** Attributes that were left out before or on arrival. */
    droppedAttributes: number;
    /** Events that its sender left out. */
    droppedEvents: number;
    /** Links that its sender left out. */
    droppedLinks: number;
    /** What is odd about it; mostly empty. */
    marks: ('orphan' | 'cycleCut' | 'sharedId' | 'endsBeforeStart')[];
    /** Natural JSON values by key: bytes are base64 text, and of a key that was sent twice the last is shown. The exact values are at /api/v1/traces/{id}/otlp. */
    attributes: { [key: string]: Json };
    /** In the order they were sent. */
    events: {
      /** Time. Nanoseconds since 1970-01-01T00:00Z. */
      timeUnixNanos: string;
      /** Event name. */
      name: string;
      /** Attributes that were left out before or on arrival. */
      droppedAttributes: number;
      /** Natural JSON values by key: bytes are base64 text, and of a key that was sent twice the last is shown. The exact values are at /api/v1/traces/{id}/otlp. */
      attributes: { [key: string]: Json };
    }[];
    /** In the order they were sent. */
    links: {
      /** The trace it points at, as sent. */
      traceId: string;
      /** The span it points at, as sent. */
      spanId: string;
      /** W3C trace state. */
      traceState: string;
      /** All 32 bits as sent. */
      flags: number;
      /** Attributes that were left out before or on arrival. */
      droppedAttributes: number;
      /** Natural JSON values by key: bytes are base64 text, and of a key that was sent twice the last is shown. The exact values are at /api/v1/traces/{id}/otlp. */
      attributes: { [key: string]: Json };
    }[];
  }[];
}

export interface Status {
  /** The server's clock. Nanoseconds since 1970-01-01T00:00Z. */
  timeUnixNanos: string;
  /** Of the server. */
  version: string;
  /** Where the server listens: http has pages, API and OTLP over HTTP, the others one protocol each. */
  listeners: {
    role: 'http' | 'otlpHttp' | 'otlpGrpc';
    /** An address of this machine that can be connected to; of a wildcard, the loopback's. */
    url: string;
  }[];
  /** False while spans are refused. */
  acceptsWrites: boolean;
  /** Why writes are refused at present; null when they are taken. */
  readOnlyReason: string | null;
  store: {
    /** Spans in memory and files. */
    spanCount: number;
    /** Distinct traces. */
    traceCount: number;
    /** Spans in memory, not yet in a segment. */
    headSpanCount: number;
    /** Segment files. */
    segmentCount: number;
    /** Bytes of segment files. */
    segmentBytes: number;
    /** Bytes of log files. */
    logBytes: number;
    /** Bytes that spans in memory take. */
    headBytes: number;
    /** Retried requests that were acknowledged without storing them again. */
    duplicateRequestCount: number;
  };
  process: {
    /** User and system time since the start. */
    cpuSeconds: number;
    /** Managed bytes allocated since the start. */
    allocatedBytes: number;
    /** Managed memory in use. */
    managedHeapBytes: number;
    /** Physical memory in use. */
    residentBytes: number;
    /** Garbage collections since the start, by generation. */
    collections: number[];
  };
  /** Files set aside or pages found broken since the start. */
  alarms: string[];
  ingest: {
    /** When counting began. Nanoseconds since 1970-01-01T00:00Z. */
    sinceUnixNanos: string;
    /** Spans stored, retries not counted again. */
    acceptedSpans: number;
    /** Spans left out, by reason. */
    rejectedSpans: { [key: string]: number };
    /** What was shortened in accepted spans, by kind. */
    cuts: { [key: string]: number };
    /** Good requests the store could not take, by reason. */
    refusedRequests: { [key: string]: number };
    /** Requests the receivers turned away, by reason. */
    turnedAwayRequests: { [key: string]: number };
    /** Those that were used. */
    protocols: {
      /** E.g. otlpHttpProtobuf. */
      protocol: string;
      /** Requests by outcome. */
      requests: { [key: string]: number };
      /** When the last one came. Nanoseconds since 1970-01-01T00:00Z. */
      lastSeenUnixNanos: string;
    }[];
    /** Body bytes as they came. */
    wireBytes: number;
    /** Body bytes after decompression. */
    bodyBytes: number;
    /** The latest requests that were not taken, or not whole, newest first; at most 20. */
    recentRefusals: {
      /** When it came. Nanoseconds since 1970-01-01T00:00Z. */
      timeUnixNanos: string;
      /** As under protocols. */
      protocol: string;
      /** As in the counts above, or malformed. */
      reason: string;
      /** What its sender was told. */
      sentence: string;
    }[];
  } | null;
}

export interface Trace {
  /** Trace id. */
  traceId: string;
  /** Start of its earliest span. Nanoseconds since 1970-01-01T00:00Z. */
  startUnixNanos: string;
  /** End of its latest span. Nanoseconds since 1970-01-01T00:00Z. */
  endUnixNanos: string;
  /** End minus start. */
  durationNanos: number;
  /** When its first span arrived. Nanoseconds since 1970-01-01T00:00Z. */
  firstReceivedUnixNanos: string;
  /** Spans, each counted once. */
  spanCount: number;
  /** Spans with status error. */
  errorCount: number;
  /** Spans that arrived more than once and are shown once. */
  duplicateCount: number;
  /** Part of the trace could not be read from disk. */
  isPartial: boolean;
  /** By index. */
  resources: {
    /** Service name; null without one. */
    service: string | null;
    /** OpenTelemetry schema; "" without one. */
    schemaUrl: string;
    /** Attributes that were left out before or on arrival. */
    droppedAttributes: number;
    /** Natural JSON values by key: bytes are base64 text, and of a key that was sent twice the last is shown. The exact values are at /api/v1/traces/{id}/otlp. */
    attributes: { [key: string]: Json };
  }[];
  /** By index. */
  scopes: {
    /** Instrumentation scope, mostly a library. */
    name: string;
    /** Of the scope. */
    version: string;
    /** OpenTelemetry schema; "" without one. */
    schemaUrl: string;
    /** Attributes that were left out before or on arrival. */
    droppedAttributes: number;
    /** Natural JSON values by key: bytes are base64 text, and of a key that was sent twice the last is shown. The exact values are at /api/v1/traces/{id}/otlp. */
    attributes: { [key: string]: Json };
  }[];
  /** In pre-order: a parent before its children, siblings by start, then span id. */
  spans: {
    /** Place in the trace's pre-order, from 0. */
    row: number;
    /** Row of the parent; −1 for a root, an orphan, or where a cycle was cut. */
    parentRow: number;
    /** Span id. */
    spanId: string;
    /** As sent; null for a root. */
    parentSpanId: string | null;
    /** Span name. */
    name: string;
    /** Service name; null without one. */
    service: string | null;
    kind: 'unspecified' | 'internal' | 'server' | 'client' | 'producer' | 'consumer';
    status: 'unset' | 'ok' | 'error';
    /** Mostly empty, unless status is error. */
    statusMessage: string;
    /** Start. Nanoseconds since 1970-01-01T00:00Z. */
    startUnixNanos: string;
    /** End, as sent: may lie before the start. Nanoseconds since 1970-01-01T00:00Z. */
    endUnixNanos: string;
    /** End minus start, 0 when negative. */
    durationNanos: number;
    /** Index into resources. */
    resource: number;
    /** Index into scopes. */
    scope: number;
    /** W3C trace state. */
    traceState: string;
    /** All 32 bits as sent; the low eight are W3C trace flags. */
    flags: number;
    /** Attributes that were left out before or on arrival. */
    droppedAttributes: number;
    /** Events that its sender left out. */
    droppedEvents: number;
    /** Links that its sender left out. */
    droppedLinks: number;
    /** What is odd about it; mostly empty. */
    marks: ('orphan' | 'cycleCut' | 'sharedId' | 'endsBeforeStart')[];
    /** Natural JSON values by key: bytes are base64 text, and of a key that was sent twice the last is shown. The exact values are at /api/v1/traces/{id}/otlp. */
    attributes: { [key: string]: Json };
    /** In the order they were sent. */
    events: {
      /** Time. Nanoseconds since 1970-01-01T00:00Z. */
      timeUnixNanos: string;
      /** Event name. */
      name: string;
      /** Attributes that were left out before or on arrival. */
      droppedAttributes: number;
      /** Natural JSON values by key: bytes are base64 text, and of a key that was sent twice the last is shown. The exact values are at /api/v1/traces/{id}/otlp. */
      attributes: { [key: string]: Json };
    }[];
    /** In the order they were sent. */
    links: {
      /** The trace it points at, as sent. */
      traceId: string;
      /** The span it points at, as sent. */
      spanId: string;
      /** W3C trace state. */
      traceState: string;
      /** All 32 bits as sent. */
      flags: number;
      /** Attributes that were left out before or on arrival. */
      droppedAttributes: number;
      /** Natural JSON values by key: bytes are base64 text, and of a key that was sent twice the last is shown. The exact values are at /api/v1/traces/{id}/otlp. */
      attributes: { [key: string]: Json };
    }[];
  }[];
}

export interface TraceLayout {
  /** Trace id. */
  traceId: string;
  /** Start of the earliest span as sent; every offset counts from here. Nanoseconds since 1970-01-01T00:00Z. */
  baseUnixNanos: string;
  /** When its first span arrived. Nanoseconds since 1970-01-01T00:00Z. */
  firstReceivedUnixNanos: string;
  /** Length of every column of rows. */
  spanCount: number;
  /** Spans with status error. */
  errorCount: number;
  /** Spans that arrived more than once and are shown once. */
  duplicateCount: number;
  /** Part of the trace could not be read from disk. */
  isPartial: boolean;
  /** Offset of the earliest start with clocks brought into line; may be negative. */
  fromNanos: number;
  /** Offset of the latest end with clocks brought into line. */
  toNanos: number;
  /** Rows whose clock was corrected. */
  skewedSpanCount: number;
  /** By index; "" for spans without a service name. */
  services: string[];
  /** Beside services. */
  serviceOrdinals: number[];
  /** By index. */
  names: string[];
  /** In order of rows. */
  missingParents: {
    /** A row that names a parent which is not there. */
    row: number;
    /** The parent it names. */
    parentSpanId: string;
  }[];
  criticalPath: {
    /** The row whose duration the path explains; −1: the whole trace's, because it has no single root. */
    rootRow: number;
    /** Offset of its start. */
    fromNanos: number;
    /** Offset of its end. */
    toNanos: number;
    /** Per segment, in order of time: the row whose own work was waited for; −1 for time that no span covers, only where rootRow is −1. */
    row: number[];
    /** Per segment: offset of its start, with clocks brought into line. Together the segments are exactly the path, without gap or overlap. */
    startNanos: number[];
    /** Per segment: offset of its end. */
    endNanos: number[];
  };
  /** The critical path by operation: the largest 5, then what is left, then gaps, each only when it has time. Together they are the path. */
  contributors: {
    /** Index into services; −1 for what is left, and for a gap. */
    service: number;
    /** Index into names; −1 for what is left, and for a gap. */
    name: number;
    /** Time on the critical path. */
    nanos: number;
    /** Of the critical path: above 0, at most 1. */
    share: number;
    /** Rows with time on the path; 0 for a gap. */
    spanCount: number;
    /** Time that no span covers. */
    isGap: boolean;
  }[];
  verdict: {
    kind: 'retryLoop' | 'nPlusOne' | 'dominantSpan' | 'serialCalls' | 'gap' | 'queueDelay' | 'straggler' | 'nothing';
    /** Time on the critical path that it explains; 0 when nothing stands out. */
    nanos: number;
    /** The same as a part of the critical path. */
    share: number;
    /** One sentence, to be joined as it is. */
    parts: {
      /** A piece of the sentence; data, never markup. */
      text: string;
      style: 'text' | 'strong' | 'code';
    }[];
    /** The rows it speaks of, in order, at most 100. */
    rows: number[];
    /** How many rows it speaks of in all. */
    spanCount: number;
  };
  /** As sent; several rows may share one. */
  spanId: string[];
  /** Row of the parent; −1 for a root, an orphan, or where a cycle was cut. */
  parent: number[];
  /** 0 for a row without a parent row. */
  depth: number[];
  /** Row after the last descendant. */
  subtreeEnd: number[];
  /** Offset of the start as sent. */
  startNanos: number[];
  /** 0 where a span ends before it starts. */
  durationNanos: number[];
  /** To be added to startNanos for the start with clocks brought into line; 0 where nothing was corrected. */
  skewNanos: number[];
  /** The part of the duration that no direct child covers, with clocks brought into line. */
  selfNanos: number[];
  /** Time of the row on the critical path. */
  criticalNanos: number[];
  /** Index into services. */
  service: number[];
  /** Index into names. */
  name: number[];
  /** Index into unspecified, internal, server, client, producer, consumer. */
  kind: number[];
  /** Index into unset, ok, error. */
  status: number[];
  /** Bits from the lowest: orphan, cycleCut, sharedId, endsBeforeStart. */
  marks: number[];
  /** All 32 bits as sent; the low eight are W3C trace flags. */
  flags: number[];
  /** Per event, in order of rows: its row. At most 20000 events. */
  eventRow: number[];
  /** Per event: its offset by the clock of its row, as sent. */
  eventNanos: number[];
  /** There are more events than are given. */
  isEventsCut: boolean;
}

export interface TraceList {
  /** Newest first. */
  traces: {
    /** Trace id. */
    traceId: string;
    /** Start of its earliest span. Nanoseconds since 1970-01-01T00:00Z. */
    startUnixNanos: string;
    /** End of its latest span. Nanoseconds since 1970-01-01T00:00Z. */
    endUnixNanos: string;
    /** Last end minus first start with the processes' clocks brought into line: not endUnixNanos − startUnixNanos when clocks disagree. */
    durationNanos: number;
    /** When its first span arrived. Nanoseconds since 1970-01-01T00:00Z. */
    firstReceivedUnixNanos: string;
    /** Service of the root; of the first span when rootless. */
    rootService: string;
    /** Name of the root; of the first span when rootless. */
    rootOperation: string;
    /** Spans, each counted once. */
    spanCount: number;
    /** Spans with status error. */
    errorCount: number;
    /** Spans that match one condition or more; all without conditions. */
    matchedSpanCount: number;
    /** Spans that arrived more than once and are counted once. */
    duplicateCount: number;
    /** What is odd about it; mostly empty. */
    oddities: ('partial' | 'rootless' | 'orphans' | 'cycles' | 'sharedIds' | 'reversedTimes' | 'clockSkew')[];
    /** In order of appearance. */
    services: {
      /** "" for spans without a service name. */
      name: string;
      /** Number of the service: 0, 1, 2 … in the order this server first met them, and the same from then on. Its colour goes by it. */
      ordinal: number;
      /** Spans of the service. */
      spanCount: number;
      /** Spans with status error. */
      errorCount: number;
    }[];
    /** The operation with the most time on the critical path; null when the trace has no length. */
    topContributor: {
      /** "" for spans without a service name. */
      service: string;
      /** Span name. */
      operation: string;
      /** Its time on the critical path. */
      nanos: number;
      /** Of the critical path: above 0, at most 1. */
      share: number;
    } | null;
  }[];
  /** Give as after to continue; null at the end. */
  next: string | null;
}
