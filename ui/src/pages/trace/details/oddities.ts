// What is odd about a span, in words. Pure.
import { MARK_BITS } from '../../../api/types';
import { formatPlural } from '../../../format/count';
import { formatDuration } from '../../../format/duration';
import type { TraceModel } from '../model';

export interface Oddness {
  /** A word or two to scan by. */
  title: string;
  /** What it means and why it may be so. */
  text: string;
  /** An id the text speaks of. */
  id: string | null;
}

export function odditiesOf(model: TraceModel, row: number): Oddness[] {
  const marks = model.marks[row]!;
  const found: Oddness[] = [];
  if (marks & MARK_BITS.orphan) {
    const parent = model.layout.missingParents.find((missing) => missing.row === row)?.parentSpanId ?? null;
    found.push({
      title: 'Missing parent',
      text: `Its parent ${parent === null ? '' : `${shortId(parent)} `}was never received: it was dropped, sampled out, or is still on its way.`,
      id: parent,
    });
  }
  if (marks & MARK_BITS.cycleCut) {
    found.push({ title: 'Cycle cut', text: 'Its ancestors lead back to itself. The cycle was cut here, so it stands at the top.', id: null });
  }
  if (marks & MARK_BITS.sharedId) {
    const sharing = model.rowsOfSpanId(model.layout.spanId[row]!).length;
    found.push({
      title: 'Shared id',
      text:
        `${sharing > 1 ? formatPlural(sharing, 'span') : 'Other spans'} of this trace carry this span id. ` +
        'Old Zipkin clients do so for both sides of a call; else it is a fault of the sender.',
      id: null,
    });
  }
  if (marks & MARK_BITS.endsBeforeStart) {
    found.push({
      title: 'Ends before it starts',
      text: 'Its end was sent as earlier than its start, so its duration counts as 0. The clock may have been set back meanwhile.',
      id: null,
    });
  }
  const skew = model.skew[row]!;
  if (skew !== 0) {
    const moved = `${skew < 0 ? '−' : '+'}${formatDuration(Math.abs(skew))}`;
    const clock = `The sender's clock runs ${skew < 0 ? 'ahead of' : 'behind'} its caller's`;
    found.push({
      title: model.clock === 'corrected' ? 'Clock corrected' : 'Clock differs',
      text: model.clock === 'corrected' ? `${clock}: the span was moved by ${moved}.` : `${clock}. Shown as sent; corrected, the span moves by ${moved}.`,
      id: null,
    });
  }
  return found;
}

/** "9f3c…" */
export function shortId(id: string): string {
  return id.length > 8 ? `${id.slice(0, 8)}…` : id;
}
