// What is said of a row or a group: lengths, shares, counts, and its name for ears. Counted when first drawn, then kept.
import { formatCount, formatPercent, formatPlural } from '../../../format/count';
import { formatDuration } from '../../../format/duration';
import type { Matches, TraceModel } from '../model';
import { GROUP_KINDS, type FoldPlan } from './fold';
import { OPENING, type Rows } from './rows';

export interface GroupFacts {
  from: number;
  to: number;
  /** Sum of the members' durations. */
  total: number;
  p50: number;
  /** On the critical path, members and what is below them. */
  critical: number;
  /** Errors among members and below them. */
  errors: number;
  size: number;
  /** Members in order of start. */
  byStart: Int32Array;
  /** "SELECT orders", "small spans", "missing parent 9f3c…". */
  name: string;
  /** Its members' service when they share one, else −1. */
  service: number;
}

export class Facts {
  private readonly groups = new Map<number, GroupFacts>();
  /** Errors before each row, so that a subtree's are one subtraction. */
  private readonly errorsBefore: Int32Array;
  private readonly criticalBefore: Float64Array;
  private matchesBefore: { matches: Matches; before: Int32Array } | null = null;

  constructor(
    readonly model: TraceModel,
    readonly plan: FoldPlan,
  ) {
    this.errorsBefore = new Int32Array(model.count + 1);
    this.criticalBefore = new Float64Array(model.count + 1);
    for (let row = 0; row < model.count; row++) {
      this.errorsBefore[row + 1] = this.errorsBefore[row]! + (model.isError(row) ? 1 : 0);
      this.criticalBefore[row + 1] = this.criticalBefore[row]! + model.critical[row]!;
    }
  }

  /** Errors of a row and everything below it. */
  errorsIn(row: number): number {
    return this.errorsBefore[this.model.subtreeEnd[row]!]! - this.errorsBefore[row]!;
  }

  criticalIn(row: number): number {
    return this.criticalBefore[this.model.subtreeEnd[row]!]! - this.criticalBefore[row]!;
  }

  matchesIn(matches: Matches, code: number): number {
    if (this.matchesBefore?.matches !== matches) {
      const before = new Int32Array(matches.length + 1);
      for (let row = 0; row < matches.length; row++) before[row + 1] = before[row]! + matches[row]!;
      this.matchesBefore = { matches, before };
    }
    const { before } = this.matchesBefore;
    if (code >= 0) return before[this.model.subtreeEnd[code]!]! - before[code]!;
    let sum = 0;
    for (const row of this.group(~code).byStart) sum += before[this.model.subtreeEnd[row]!]! - before[row]!;
    return sum;
  }

  group(group: number): GroupFacts {
    let facts = this.groups.get(group);
    if (!facts) this.groups.set(group, (facts = this.count(group)));
    return facts;
  }

  private count(group: number): GroupFacts {
    const { model, plan } = this;
    const { groups } = plan;
    const members = Int32Array.from(groups.members.slice(groups.from[group], groups.from[group + 1]));
    const byStart = members.sort((a, b) => model.start[a]! - model.start[b]! || a - b);
    const durations = Float64Array.from(byStart, (row) => model.duration[row]!).sort();
    const first = byStart[0]!;
    let [from, to, total, critical, errors] = [Infinity, -Infinity, 0, 0, 0];
    let service = model.service[first]!;
    for (const row of byStart) {
      from = Math.min(from, model.start[row]!);
      to = Math.max(to, model.end(row));
      total += model.duration[row]!;
      critical += this.criticalIn(row);
      errors += this.errorsIn(row);
      if (model.service[row] !== service) service = -1;
    }
    const kind = groups.kind[group];
    const name =
      kind === GROUP_KINDS.likes ? model.spanName(first)
      : kind === GROUP_KINDS.small ? 'small spans'
      : kind === GROUP_KINDS.missingParent ? `missing parent ${groups.missing[group]!.slice(0, 8)}…`
      : 'spans of missing parents';
    return { from, to, total, critical, errors, byStart, name, service, size: byStart.length, p50: durations[(durations.length - 1) >> 1] ?? 0 };
  }

  /** Start and end of an entry's own bar. */
  span(code: number): [number, number] {
    if (code >= 0) return [this.model.start[code]!, this.model.end(code)];
    const { from, to } = this.group(~code);
    return [from, to];
  }

  /** "402 ms total · p50 12 ms" beside a group, the length beside a span. */
  label(code: number): string {
    if (code >= 0) return formatDuration(this.model.duration[code]!);
    const { total, p50, size } = this.group(~code);
    return this.plan.groups.kind[~code]! >= GROUP_KINDS.missingParent ? `${formatCount(size)} orphaned` : `${formatDuration(total)} total · p50 ${formatDuration(p50)}`;
  }

  /** Share of the critical path, 0 to 1. */
  criticalShare(nanos: number): number {
    const { fromNanos, toNanos } = this.model.path;
    return toNanos > fromNanos ? nanos / (toNanos - fromNanos) : 0;
  }

  /** "payments, POST /charge, 412 ms, 21% of trace, on critical path, error, match". */
  spoken(rows: Rows, entry: number, matches: Matches | null = null): string {
    const { model } = this;
    const code = rows.code[entry]!;
    const isMatch = matches !== null && code >= 0 && matches[code] === 1;
    const hiddenMatches = matches && rows.opening[entry] === OPENING.closed ? this.matchesIn(matches, code) - (isMatch ? 1 : 0) : 0;
    const matchWords = [isMatch ? 'match' : null, hiddenMatches > 0 ? `${formatPlural(hiddenMatches, 'match', 'matches')} folded away` : null];
    const ofTrace = (nanos: number) => (model.length > 0 ? `${formatPercent(nanos / model.length)} of trace` : null);
    if (code < 0) {
      const { name, size, total, critical, errors, service } = this.group(~code);
      const isMissing = this.plan.groups.kind[~code]! >= GROUP_KINDS.missingParent;
      return joined([
        isMissing ? name : `${formatCount(size)} × ${service >= 0 ? `${model.layout.services[service]}, ` : ''}${name}`,
        isMissing ? formatPlural(size, 'orphaned span') : `${formatDuration(total)} total`,
        critical > 0 ? 'on critical path' : null,
        errors > 0 ? formatPlural(errors, 'error') : null,
        ...matchWords,
      ]);
    }
    const isClosed = rows.opening[entry] === OPENING.closed;
    const hiddenErrors = isClosed ? this.errorsIn(code) - (model.isError(code) ? 1 : 0) : 0;
    const onPath = isClosed ? this.criticalIn(code) > 0 : model.critical[code]! > 0;
    return joined([
      model.serviceName(code), model.spanName(code), formatDuration(model.duration[code]!), ofTrace(model.duration[code]!),
      onPath ? 'on critical path' : null,
      model.isError(code) ? 'error' : null,
      hiddenErrors > 0 ? `${formatPlural(hiddenErrors, 'error')} below` : null,
      model.isOrphan(code) ? 'parent missing' : null,
      isClosed ? `${formatPlural(model.subtreeEnd[code]! - code - 1, 'span')} folded away` : null,
      ...matchWords,
    ]);
  }
}

function joined(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part).join(', ').replaceAll('\u202f', ' ');
}
