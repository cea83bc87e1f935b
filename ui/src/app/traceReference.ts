// Finds the trace that a pasted text speaks of: an id, a propagation header, or an address of this or another tracing tool.

export interface TraceReference {
  /** 32 digits, lower case. */
  traceId: string;
  /** 16 digits, lower case. */
  spanId: string | null;
}

const MAX_LENGTH = 8_192;
const TRACEPARENT = /(?<![0-9a-f])(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?![0-9a-f])/;
/** b3: trace-span, then perhaps the decision and the parent. */
const B3 = /^(?:b3:\s*)?([0-9a-f]{32}|[0-9a-f]{16})-([0-9a-f]{16})(?:-[01d](?:-[0-9a-f]{16})?)?$/;
/** uber-trace-id: trace:span:parent:flags, leading zeros may be missing. */
const UBER = /^(?:uber-trace-id:\s*)?([0-9a-f]{1,32}):([0-9a-f]{1,16}):[0-9a-f]{1,16}:[0-9a-f]{1,2}$/;
const XRAY = /(?<![0-9a-f-])1-([0-9a-f]{8})-([0-9a-f]{24})(?![0-9a-f-])/;
const UUID = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/;
const BARE = /^(?:0x)?([0-9a-f]{32}|[0-9a-f]{16})$/;
const LONG_ID = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/g;
/** /trace/ID of Jaeger, /traces/ID of Zipkin and Tempo's API. Jaeger drops leading zeros. */
const ID_IN_PATH = /\/traces?\/(?:v2\/)?([0-9a-f]{12,32})(?![0-9a-f])/;
/** traceId=, trace_id:, "traceID":" in logs and addresses. */
const NAMED_ID = /trace[_-]?id["']?\s*[=:]\s*["']?(?:0x)?([0-9a-f]{32}|[0-9a-f]{16})(?![0-9a-f])/;
const NAMED_SPAN = /(?:span[_-]?id["']?\s*[=:]\s*["']?(?:0x)?|[?&](?:span|uifind)=)([0-9a-f]{16})(?![0-9a-f])/;

/** Null when the text speaks of no trace, or of several without saying which. 64-bit ids are padded with zeros at the left. */
export function parseTraceReference(text: string): TraceReference | null {
  if (text.length > MAX_LENGTH) return null;
  const plain = text.trim().replace(/^["'`<]+|["'`>,;]+$/g, '').toLowerCase();
  const traceparent = TRACEPARENT.exec(plain);
  if (traceparent) return reference(traceparent[1]!, traceparent[2]!);
  const pair = B3.exec(plain) ?? UBER.exec(plain);
  if (pair) return reference(pair[1]!, pair[2]!);
  const bare = BARE.exec(plain);
  if (bare) return reference(bare[1]!);
  const uuid = UUID.exec(plain);
  if (uuid) return reference(uuid.slice(1).join(''));
  const xray = XRAY.exec(plain);
  if (xray) return reference(xray[1]! + xray[2]!);
  return inText(decoded(plain));
}

/** The page's address for a reference. */
export function referencePath({ traceId, spanId }: TraceReference): string {
  return `/trace/${traceId}${spanId ? `?span=${spanId}` : ''}`;
}

function inText(text: string): TraceReference | null {
  const span = NAMED_SPAN.exec(text)?.[1] ?? null;
  const named = ID_IN_PATH.exec(text) ?? NAMED_ID.exec(text);
  if (named) return reference(named[1]!, span);
  const ids = new Set(text.match(LONG_ID) ?? []);
  return ids.size === 1 ? reference([...ids][0]!, span) : null;
}

function reference(traceId: string, spanId: string | null = null): TraceReference | null {
  const trace = traceId.padStart(32, '0');
  const span = spanId?.padStart(16, '0') ?? null;
  if (/^0+$/.test(trace)) return null;
  return { traceId: trace, spanId: span && !/^0+$/.test(span) ? span : null };
}

/** Addresses of other tools carry their query as encoded JSON. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
