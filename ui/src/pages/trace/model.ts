// A trace as typed arrays, built once from its layout: what the waterfall draws and the page reads. Rows are spans in pre-order.
import { MARK_BITS, type CriticalPath, type TraceLayout } from '../../api/types';

/** One byte per row, 1 where the row matches what was searched for. */
export type Matches = Uint8Array;

/** Whose clock offsets are told by: each sender's own, or all put in order by the server. */
export type Clock = 'corrected' | 'raw';

const NO_ROW = -1;

export class TraceModel {
  /** How many spans there are. */
  readonly count: number;
  /** Offsets from the layout's base by the chosen clock, in ns, like every time here. */
  readonly start: Float64Array;
  readonly duration: Float64Array;
  readonly self: Float64Array;
  readonly critical: Float64Array;
  /** What the corrected clock adds to the raw one. */
  readonly skew: Float64Array;
  /** Row of the parent, −1 at the top. */
  readonly parent: Int32Array;
  readonly depth: Int32Array;
  /** Row after the last descendant. */
  readonly subtreeEnd: Int32Array;
  readonly service: Int32Array;
  readonly name: Int32Array;
  readonly kind: Uint8Array;
  readonly status: Uint8Array;
  /** Bits of MARK_BITS. */
  readonly marks: Uint8Array;
  /** Events of row r stand at [eventsFrom[r], eventsFrom[r + 1]). */
  readonly eventsFrom: Int32Array;
  readonly eventNanos: Float64Array;
  /** Segments of the critical path in order of time; row −1 where no span covers it. By the raw clock they stay on their spans and may overlap. */
  readonly pathRow: Int32Array;
  readonly pathStart: Float64Array;
  readonly pathEnd: Float64Array;
  /** Extent of the whole trace by the chosen clock. */
  readonly from: number;
  readonly to: number;

  private index: IdIndex | null = null;

  constructor(
    readonly layout: TraceLayout,
    readonly clock: Clock = 'corrected',
  ) {
    this.count = layout.spanId.length;
    this.skew = Float64Array.from(layout.skewNanos);
    const shift = clock === 'corrected' ? this.skew : new Float64Array(this.count);
    this.start = Float64Array.from(layout.startNanos, (nanos, row) => nanos + shift[row]!);
    this.duration = Float64Array.from(layout.durationNanos);
    this.self = Float64Array.from(layout.selfNanos);
    this.critical = Float64Array.from(layout.criticalNanos);
    this.parent = Int32Array.from(layout.parent);
    this.depth = Int32Array.from(layout.depth);
    this.subtreeEnd = Int32Array.from(layout.subtreeEnd);
    this.service = Int32Array.from(layout.service);
    this.name = Int32Array.from(layout.name);
    this.kind = Uint8Array.from(layout.kind);
    this.status = Uint8Array.from(layout.status);
    this.marks = Uint8Array.from(layout.marks);
    this.eventNanos = Float64Array.from(layout.eventNanos, (nanos, i) => nanos + shift[layout.eventRow[i]!]!);
    this.eventsFrom = countedFrom(layout.eventRow, this.count);
    const path = layout.criticalPath;
    this.pathRow = Int32Array.from(path.row);
    // The path is told by the corrected clock; by the raw one each piece moves back with its span.
    const back = (row: number) => (clock === 'raw' && row >= 0 ? this.skew[row]! : 0);
    this.pathStart = Float64Array.from(path.startNanos, (nanos, i) => nanos - back(path.row[i]!));
    this.pathEnd = Float64Array.from(path.endNanos, (nanos, i) => nanos - back(path.row[i]!));
    [this.from, this.to] = clock === 'corrected' ? [layout.fromNanos, layout.toNanos] : extent(this.start, this.duration);
  }

  get length(): number {
    return this.to - this.from;
  }

  get path(): CriticalPath {
    return this.layout.criticalPath;
  }

  end(row: number): number {
    return this.start[row]! + this.duration[row]!;
  }

  serviceName(row: number): string {
    return this.layout.services[this.service[row]!] ?? '';
  }

  spanName(row: number): string {
    return this.layout.names[this.name[row]!] ?? '';
  }

  isError(row: number): boolean {
    return this.status[row] === 2;
  }

  isOrphan(row: number): boolean {
    return (this.marks[row]! & MARK_BITS.orphan) !== 0;
  }

  hasChildren(row: number): boolean {
    return this.subtreeEnd[row]! > row + 1;
  }

  /** Rows of the children in order; of −1: the rows at the top. */
  childrenOf(row: number): number[] {
    const children: number[] = [];
    const end = row === NO_ROW ? this.count : this.subtreeEnd[row]!;
    for (let child = row + 1; child < end; child = this.subtreeEnd[child]!) children.push(child);
    return children;
  }

  /** From the top down, without the row itself. */
  ancestors(row: number): number[] {
    const above: number[] = [];
    for (let at = this.parent[row] ?? NO_ROW; at !== NO_ROW; at = this.parent[at]!) above.push(at);
    return above.reverse();
  }

  isInside(row: number, ancestor: number): boolean {
    return row >= ancestor && row < this.subtreeEnd[ancestor]!;
  }

  /**
   * A row's name in addresses: its span id. Where several spans share the id, the second is "id.2", and so on: rows move as a trace grows, this does not
   * as long as they come in the same order.
   */
  spanKey(row: number): string {
    const id = this.layout.spanId[row] ?? '';
    const nth = this.rowsOfSpanId(id).indexOf(row);
    return nth > 0 ? `${id}.${nth + 1}` : id;
  }

  /** The row of a {@link spanKey}, −1 when there is none. */
  rowOfKey(key: string): number {
    const [id = '', nth] = key.split('.');
    return this.rowsOfSpanId(id)[nth === undefined ? 0 : Number(nth) - 1] ?? NO_ROW;
  }

  /** The first row with this span id, −1 when there is none. */
  rowOfSpanId(spanId: string): number {
    return this.rowsOfSpanId(spanId)[0] ?? NO_ROW;
  }

  rowsOfSpanId(spanId: string): readonly number[] {
    this.index ??= indexIds(this.layout.spanId);
    const shared = this.index.shared.get(spanId);
    if (shared) return shared;
    const row = this.index.first.get(spanId);
    return row === undefined ? [] : [row];
  }
}

interface IdIndex {
  first: Map<string, number>;
  /** Of ids that several rows have, all rows. Few: no list is made for the others. */
  shared: Map<string, number[]>;
}

function indexIds(ids: readonly string[]): IdIndex {
  const first = new Map<string, number>();
  const shared = new Map<string, number[]>();
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row]!;
    const before = first.get(id);
    if (before === undefined) first.set(id, row);
    else if (shared.has(id)) shared.get(id)!.push(row);
    else shared.set(id, [before, row]);
  }
  return { first, shared };
}

/** Where each row's entries begin in a list ordered by row. */
function countedFrom(rows: readonly number[], count: number): Int32Array {
  const from = new Int32Array(count + 1);
  for (const row of rows) from[row + 1]!++;
  for (let row = 0; row < count; row++) from[row + 1]! += from[row]!;
  return from;
}

function extent(start: Float64Array, duration: Float64Array): [number, number] {
  let from = Infinity;
  let to = -Infinity;
  for (let row = 0; row < start.length; row++) {
    from = Math.min(from, start[row]!);
    to = Math.max(to, start[row]! + duration[row]!);
  }
  return from <= to ? [from, to] : [0, 0];
}
