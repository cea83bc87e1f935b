// What the head of a trace says. Pure.
import { MARK_BITS } from '../../../api/types';
import { formatCount, formatPlural } from '../../../format/count';
import { formatDuration } from '../../../format/duration';
import type { TraceModel } from '../model';

/** The row a trace is named by: the critical path's root, else the first row at the top that misses no parent, else the first. −1 without spans. */
export function rootRow(model: TraceModel): number {
  if (model.count === 0) return -1;
  if (model.path.rootRow >= 0) return model.path.rootRow;
  const top = model.childrenOf(-1);
  return top.find((row) => !model.isOrphan(row)) ?? top[0] ?? 0;
}

export function levels(model: TraceModel): number {
  let deepest = -1;
  for (const depth of model.depth) if (depth > deepest) deepest = depth;
  return deepest + 1;
}

export interface Remark {
  id: 'partial' | 'skew' | 'duplicates' | 'orphans' | 'rootless' | 'roots' | 'cycles' | 'events';
  tone: 'neutral' | 'warn' | 'error';
  label: string;
  /** The whole story. */
  title: string;
}

/** What a reader should know before trusting the picture. */
export function remarksOn(model: TraceModel): Remark[] {
  const { layout } = model;
  const remarks: Remark[] = [];
  const add = (id: Remark['id'], tone: Remark['tone'], label: string, title: string) => remarks.push({ id, tone, label, title });
  if (layout.isPartial) add('partial', 'error', 'partial', 'Part of this trace could not be read from disk. What is shown is right, but not all.');
  if (layout.skewedSpanCount > 0) {
    const disagree = `${formatPlural(layout.skewedSpanCount, 'span')} came with clocks that disagree with their callers'`;
    if (model.clock === 'raw') add('skew', 'warn', 'clocks as sent', `${disagree}. Press to put them in order.`);
    else add('skew', 'warn', 'clocks corrected', `${disagree} (up to ${formatDuration(largest(model.skew))}) and were moved. Press for the times as sent.`);
  }
  const missing = new Set(layout.missingParents.map((one) => one.parentSpanId)).size;
  if (missing > 0) {
    const name = formatPlural(layout.missingParents.length, 'span names', 'spans name');
    const it = layout.missingParents.length === 1 ? 'it' : 'the next';
    add('orphans', 'warn', formatPlural(missing, 'missing parent'), `${name} a parent that was never received. Press to see ${it}.`);
  }
  const top = model.childrenOf(-1);
  const count = (isCounted: (marks: number) => boolean) => top.filter((row) => isCounted(model.marks[row]!)).length;
  const roots = count((marks) => (marks & (MARK_BITS.orphan | MARK_BITS.cycleCut)) === 0);
  const lost = 'The span that began this trace was not received: every span at the top names a parent that is not here.';
  if (roots === 0 && model.count > 0) add('rootless', 'warn', 'no root', lost);
  if (roots > 1) add('roots', 'neutral', `${formatCount(roots)} roots`, `${formatCount(roots)} spans of this trace have no parent.`);
  const cycles = count((marks) => (marks & MARK_BITS.cycleCut) !== 0);
  if (cycles > 0) add('cycles', 'warn', `${formatPlural(cycles, 'cycle')} cut`, 'Spans name each other as parents; each circle was cut at one span.');
  const merged = 'Spans that arrived more than once, as after a repeated request, are shown once.';
  if (layout.duplicateCount > 0) add('duplicates', 'neutral', `${formatPlural(layout.duplicateCount, 'duplicate')} merged`, merged);
  if (layout.isEventsCut) add('events', 'neutral', 'event ticks cut', 'The waterfall marks the first 20,000 events. The details of a span list all of its own.');
  return remarks;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}

/**
 * Where failures began, as far as the trace tells: spans that failed with none below them that did. One with events tells more (an exception, most
 * often) than the calls below it that merely came back with an error: it stands for them.
 */
export function errorOrigins(model: TraceModel): Uint8Array {
  const isTelling = (row: number) => model.isError(row) && model.eventsFrom[row + 1]! > model.eventsFrom[row]!;
  const origins = new Uint8Array(model.count);
  // From the last row up, the nearest such row below is the first in pre-order.
  const innermost = (is: (row: number) => boolean) => {
    let below = model.count;
    for (let row = model.count - 1; row >= 0; row--) {
      if (!is(row)) continue;
      if (below >= model.subtreeEnd[row]!) origins[row] = 1;
      below = row;
    }
  };
  innermost((row) => model.isError(row));
  let toldUntil = 0;
  for (let row = 0; row < model.count; row++) {
    if (row < toldUntil) origins[row] = 0;
    else if (isTelling(row)) toldUntil = model.subtreeEnd[row]!;
  }
  innermost(isTelling);
  return origins;
}

export interface ServiceFact {
  /** Index into the layout's services. */
  index: number;
  name: string;
  spanCount: number;
  errorCount: number;
  criticalNanos: number;
}

/** Services of the trace, the most of the critical path first. */
export function servicesOf(model: TraceModel): ServiceFact[] {
  const facts = model.layout.services.map((name, index): ServiceFact => ({ index, name, spanCount: 0, errorCount: 0, criticalNanos: 0 }));
  for (let row = 0; row < model.count; row++) {
    const fact = facts[model.service[row]!];
    if (!fact) continue;
    fact.spanCount++;
    if (model.isError(row)) fact.errorCount++;
    fact.criticalNanos += model.critical[row]!;
  }
  return facts.sort((a, b) => b.criticalNanos - a.criticalNanos || b.spanCount - a.spanCount || a.index - b.index);
}

/** The row of a service and operation with the most critical time, the first of several; −1 when there is none. */
export function largestRow(model: TraceModel, service: number, name: number): number {
  let best = -1;
  for (let row = 0; row < model.count; row++) {
    if (model.service[row] === service && model.name[row] === name && (best < 0 || model.critical[row]! > model.critical[best]!)) best = row;
  }
  return best;
}

/** What a service without a name is called. */
export function serviceLabel(name: string): string {
  return name === '' ? 'no service name' : name;
}
