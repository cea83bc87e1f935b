// Traces made up for tests and for working on the UI without a server: the shop, and monsters of every shape.
import type { TraceItem, TraceLayout } from '../api/types';

export interface FakeSpan {
  service: string;
  name: string;
  /** Offset from the start of the trace and length, in ms. */
  start: number;
  duration: number;
  kind?: number;
  status?: number;
  skew?: number;
  events?: number[];
  /** Names a parent that is not there. */
  orphan?: boolean;
  children?: FakeSpan[];
}

const MS = 1e6;
export const FAKE_BASE = 1_795_000_000_000n * 1_000_000n;

/** The layout of a forest. Its critical path follows, from the end of the first root back, the child that finishes last. */
export function layoutOf(tops: FakeSpan[], traceId = '5b8efff798038103d269b633813fc60c'): TraceLayout {
  const spans: FakeSpan[] = [];
  const parent: number[] = [];
  const depth: number[] = [];
  const subtreeEnd: number[] = [];
  // Iterative: monsters are deep.
  const stack: { span: FakeSpan; parent: number; depth: number; row: number }[] = [];
  const pushAll = (list: FakeSpan[], parentRow: number, level: number) => {
    for (let i = list.length - 1; i >= 0; i--) stack.push({ span: list[i]!, parent: parentRow, depth: level, row: -1 });
  };
  pushAll(tops, -1, 0);
  while (stack.length > 0) {
    const top = stack[stack.length - 1]!;
    if (top.row >= 0) {
      subtreeEnd[top.row] = spans.length;
      stack.pop();
      continue;
    }
    top.row = spans.length;
    spans.push(top.span);
    parent.push(top.parent);
    depth.push(top.depth);
    subtreeEnd.push(0);
    pushAll(top.span.children ?? [], top.row, top.depth + 1);
  }

  const n = spans.length;
  const services = [...new Set(spans.map((s) => s.service))];
  const names = [...new Set(spans.map((s) => s.name))];
  const serviceAt = new Map(services.map((s, i) => [s, i]));
  const nameAt = new Map(names.map((s, i) => [s, i]));
  const startNanos = spans.map((s) => Math.round(s.start * MS));
  const durationNanos = spans.map((s) => Math.round(s.duration * MS));
  const skewNanos = spans.map((s) => Math.round((s.skew ?? 0) * MS));
  const from = (row: number) => startNanos[row]! + skewNanos[row]!;
  const to = (row: number) => from(row) + durationNanos[row]!;

  const path = { rootRow: 0, fromNanos: from(0), toNanos: to(0), row: [] as number[], startNanos: [] as number[], endNanos: [] as number[] };
  const criticalNanos = new Array<number>(n).fill(0);
  // A row is come back to once per child; its children are sorted once, the one that ends last at the end.
  const sorted = new Map<number, number[]>();
  const byEnd = (row: number): number[] => {
    let children = sorted.get(row);
    if (!children) {
      children = [];
      for (let child = row + 1; child < subtreeEnd[row]!; child = subtreeEnd[child]!) children.push(child);
      sorted.set(row, children.sort((a, b) => to(a) - to(b) || b - a));
    }
    return children;
  };
  const walk: { row: number; until: number }[] = [{ row: 0, until: to(0) }];
  const reversed: [number, number, number][] = [];
  while (walk.length > 0) {
    const { row, until } = walk.pop()!;
    let best = -1;
    const waiting = byEnd(row);
    while (waiting.length > 0 && best < 0) {
      const child = waiting.pop()!;
      if (to(child) <= until && from(child) >= from(row) && from(child) < until && durationNanos[child]! > 0) best = child;
    }
    if (best < 0) {
      if (until > from(row)) reversed.push([row, from(row), until]);
      continue;
    }
    if (until > to(best)) reversed.push([row, to(best), until]);
    walk.push({ row, until: from(best) }, { row: best, until: to(best) });
  }
  for (const [row, start, end] of reversed.reverse()) {
    path.row.push(row);
    path.startNanos.push(start);
    path.endNanos.push(end);
    criticalNanos[row] = criticalNanos[row]! + end - start;
  }

  const total = Math.max(1, path.toNanos - path.fromNanos);
  const byOperation = new Map<string, { service: number; name: number; nanos: number; rows: number[] }>();
  for (let row = 0; row < n; row++) {
    if (criticalNanos[row] === 0) continue;
    const service = serviceAt.get(spans[row]!.service)!;
    const name = nameAt.get(spans[row]!.name)!;
    const entry = byOperation.get(`${service}/${name}`) ?? { service, name, nanos: 0, rows: [] };
    entry.nanos += criticalNanos[row]!;
    entry.rows.push(row);
    byOperation.set(`${service}/${name}`, entry);
  }
  const ranked = [...byOperation.values()].sort((a, b) => b.nanos - a.nanos);
  const contributors = ranked.slice(0, 5).map((e) => ({ service: e.service, name: e.name, nanos: e.nanos, share: e.nanos / total, spanCount: e.rows.length, isGap: false }));
  const rest = ranked.slice(5).reduce((sum, e) => sum + e.nanos, 0);
  if (rest > 0) contributors.push({ service: -1, name: -1, nanos: rest, share: rest / total, spanCount: 0, isGap: false });
  const top = ranked[0];
  const orphans = spans.map((s, row) => ({ row, parentSpanId: hex(900_000_000 + (row % 7), 16), isOrphan: s.orphan ?? false })).filter((o) => o.isOrphan);

  return {
    traceId,
    baseUnixNanos: String(FAKE_BASE),
    firstReceivedUnixNanos: String(FAKE_BASE + 2_000_000_000n),
    fromNanos: n === 0 ? 0 : spans.reduce((min, _, row) => Math.min(min, from(row)), Infinity),
    toNanos: n === 0 ? 0 : spans.reduce((max, _, row) => Math.max(max, to(row)), -Infinity),
    spanCount: n,
    errorCount: spans.filter((s) => s.status === 2).length,
    duplicateCount: 0,
    skewedSpanCount: skewNanos.filter((s) => s !== 0).length,
    isPartial: false,
    services,
    serviceOrdinals: services.map((_, i) => i),
    names,
    missingParents: orphans.map(({ row, parentSpanId }) => ({ row, parentSpanId })),
    criticalPath: path,
    contributors,
    verdict: top
      ? {
          kind: 'dominantSpan',
          nanos: top.nanos,
          share: top.nanos / total,
          parts: [
            { text: `${Math.round((top.nanos / total) * 100)}%`, style: 'strong' },
            { text: ' of the time is spent in ', style: 'text' },
            { text: services[top.service]!, style: 'code' },
            { text: ' · ', style: 'text' },
            { text: names[top.name]!, style: 'code' },
          ],
          rows: top.rows.slice(0, 100),
          spanCount: top.rows.length,
        }
      : { kind: 'nothing', nanos: 0, share: 0, parts: [{ text: 'Nothing stands out.', style: 'text' }], rows: [], spanCount: 0 },
    spanId: spans.map((_, row) => hex(row + 1, 16)),
    parent,
    depth,
    subtreeEnd,
    startNanos,
    durationNanos,
    skewNanos,
    selfNanos: durationNanos.map((d, row) => {
      let covered = 0;
      for (let child = row + 1; child < subtreeEnd[row]!; child = subtreeEnd[child]!) covered += durationNanos[child]!;
      return Math.max(0, d - covered);
    }),
    criticalNanos,
    service: spans.map((s) => serviceAt.get(s.service)!),
    name: spans.map((s) => nameAt.get(s.name)!),
    kind: spans.map((s) => s.kind ?? 1),
    status: spans.map((s) => s.status ?? 0),
    marks: spans.map((s) => (s.orphan ? 1 : 0)),
    flags: spans.map(() => 1),
    eventRow: spans.flatMap((s, row) => (s.events ?? []).map(() => row)),
    eventNanos: spans.flatMap((s) => (s.events ?? []).map((at) => Math.round(at * MS))),
    isEventsCut: false,
  };
}

/** The founding scenario: a checkout whose card provider is slow. */
export function shopSpans(): FakeSpan[] {
  const stock: FakeSpan[] = Array.from({ length: 12 }, (_, i) => ({ service: 'cart', name: 'SELECT stock', start: 142 + i * 9, duration: 8, kind: 3 }));
  return [
    {
      service: 'shop-web', name: 'click Buy', start: 0, duration: 2000, children: [
        {
          service: 'shop', name: 'POST /checkout', start: 12, duration: 1970, kind: 2, children: [
            { service: 'shop', name: 'Auth middleware', start: 15, duration: 80, children: [{ service: 'auth', name: 'POST /verify', start: 22, duration: 66, kind: 2 }] },
            { service: 'shop', name: 'Validate cart', start: 100, duration: 170, children: [{ service: 'cart', name: 'POST /validate', start: 120, duration: 140, kind: 2, children: stock }] },
            {
              service: 'shop', name: 'Charge payment', start: 280, duration: 1480, children: [
                {
                  service: 'payments', name: 'POST /charge', start: 300, duration: 1450, kind: 2, status: 2, events: [1740], children: [
                    { service: 'card-provider', name: 'POST /authorize', start: 320, duration: 1410, kind: 2 },
                  ],
                },
              ],
            },
            { service: 'orders', name: 'Save order to DB', start: 1765, duration: 120, kind: 2, children: [{ service: 'orders', name: 'INSERT orders', start: 1790, duration: 60, kind: 3 }] },
            { service: 'worker', name: 'process confirmation', start: 1900, duration: 400, kind: 5 },
          ],
        },
      ],
    },
  ];
}

export const MONSTERS: Record<string, () => FakeSpan[]> = {
  shop: shopSpans,
  wide: () => [{ service: 's0', name: 'root', start: 0, duration: 10_000, children: Array.from({ length: 100_000 }, (_, i) => leaf(i, i * 0.1, 0.09)) }],
  deep: () => {
    let span: FakeSpan = leaf(5_000, 2_500, 1);
    for (let i = 4_999; i >= 0; i--) span = { service: `s${i % 9}`, name: `level ${i}`, start: i / 2, duration: 6_000 - i, children: [span] };
    return [span];
  },
  orphans: () => [{ service: 's0', name: 'root', start: 0, duration: 5_000 }, ...Array.from({ length: 50_000 }, (_, i) => ({ ...leaf(i, i / 10, 3), orphan: true }))],
  zero: () => [{ service: 's0', name: 'root', start: 0, duration: 0, children: [leaf(0, 0, 0), leaf(1, 0, 0)] }],
  long: () => [{ service: 's0', name: 'batch', start: 0, duration: 3 * 86_400_000, children: Array.from({ length: 300 }, (_, i) => leaf(i, i * 800_000, 600_000)) }],
  skew: () => [
    {
      service: 'shop', name: 'GET /', start: 0, duration: 400, kind: 2, children: [
        { service: 'shop', name: 'GET', start: 10, duration: 380, kind: 3, children: [{ service: 'cart', name: 'GET /cart', start: 180_020, duration: 300, kind: 2, skew: -179_970 }] },
      ],
    },
  ],
  random10k: () => randomTree(10_000, 1),
  random100k: () => randomTree(100_000, 2),
};

function leaf(i: number, start: number, duration: number): FakeSpan {
  return { service: `s${i % 12}`, name: `op ${i % 40}`, start, duration, kind: 1 + (i % 5), status: i % 97 === 0 ? 2 : 0 };
}

/** About `count` spans, a few levels deep, children one after the other or side by side. */
export function randomTree(count: number, seed: number): FakeSpan[] {
  const random = mulberry(seed);
  const root: FakeSpan = { service: 's0', name: 'root', start: 0, duration: 60_000, children: [] };
  const open: FakeSpan[] = [root];
  for (let i = 1; i < count; i++) {
    const above = open[Math.floor(open.length * random() ** 0.5)]!;
    const length = above.duration * (0.02 + 0.5 * random());
    const child: FakeSpan = { ...leaf(Math.floor(random() * 1e6), above.start + random() * (above.duration - length), length), children: [] };
    above.children!.push(child);
    if (length > 0.01) open.push(child);
  }
  const order = [root];
  while (order.length > 0) {
    const span = order.pop()!;
    span.children!.sort((a, b) => a.start - b.start);
    order.push(...span.children!);
  }
  return [root];
}

/** Lines of a list: every eleventh failed, some with oddities. */
export function fakeTraceItems(count: number, offset = 0): TraceItem[] {
  return Array.from({ length: count }, (_, k) => {
    const i = k + offset;
    const start = FAKE_BASE - BigInt(i) * 1_700_000_000n;
    const duration = Math.round(80e6 * (1 + ((i * 7919) % 23)));
    return {
      traceId: hex(i + 1, 32),
      startUnixNanos: String(start),
      endUnixNanos: String(start + BigInt(duration)),
      durationNanos: duration,
      firstReceivedUnixNanos: String(start + 1_000_000_000n),
      rootService: i % 3 === 0 ? 'shop' : i % 3 === 1 ? 'shop-web' : 'worker',
      rootOperation: i % 3 === 0 ? 'GET /products' : i % 3 === 1 ? 'click Buy' : 'process confirmation',
      spanCount: 3 + (i % 40),
      errorCount: i % 11 === 0 ? 1 + (i % 3) : 0,
      matchedSpanCount: 3,
      duplicateCount: 0,
      oddities: i % 17 === 0 ? ['orphans'] : [],
      topContributor: { service: 'payments', operation: 'POST /charge', nanos: Math.round(duration * 0.71), share: 0.71 },
      services: ['shop', 'payments', 'cart', 'auth', 'orders', 'worker'].slice(0, 1 + (i % 6)).map((name, ordinal) => ({ name, ordinal, spanCount: 2, errorCount: 0 })),
    };
  });
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
