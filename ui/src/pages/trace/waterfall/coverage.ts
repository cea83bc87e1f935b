// Intervals as what can be told apart on screen: merged per pixel, so that a hundred thousand siblings cost as much to draw as there are pixels.
import type { TraceModel } from '../model';
import { toPixel, type TimeScale } from './scale';

/** Members' bars in pixels, merged where less than a pixel parts them: [from, to, from, to …]. Members are in order of start. */
export function mergedBars(model: TraceModel, byStart: Int32Array, scale: TimeScale): Float64Array {
  const spans: number[] = [];
  let [from, to] = [NaN, NaN];
  for (const row of byStart) {
    if (model.end(row) < scale.from) continue;
    if (model.start[row]! > scale.to) break;
    const a = toPixel(scale, model.start[row]!);
    const b = Math.max(a + 1, toPixel(scale, model.end(row)));
    if (a <= to + 1) {
      to = Math.max(to, b);
      continue;
    }
    if (from === from) spans.push(from, to);
    [from, to] = [a, b];
  }
  if (from === from) spans.push(from, to);
  return Float64Array.from(spans);
}

/** More children than this are not looked at: the bar then stays plain. */
const MAX_CHILDREN = 5_000;

/** Parts of a span that no direct child covers: [from, to, …] in ns. Empty without children: nothing is known of the other side. */
export function uncovered(model: TraceModel, row: number): Float64Array {
  const gaps: number[] = [];
  const end = model.end(row);
  let covered = model.start[row]!;
  const children: number[] = [];
  for (let child = row + 1; child < model.subtreeEnd[row]!; child = model.subtreeEnd[child]!) {
    children.push(child);
    if (children.length > MAX_CHILDREN) return new Float64Array(0);
  }
  if (children.length === 0) return new Float64Array(0);
  children.sort((a, b) => model.start[a]! - model.start[b]!);
  for (const child of children) {
    const start = Math.min(model.start[child]!, end);
    if (start > covered) gaps.push(covered, start);
    covered = Math.max(covered, model.end(child));
  }
  if (covered < end) gaps.push(covered, end);
  return Float64Array.from(gaps);
}

/** The part of a span within its parent's time; what lies beyond is asynchronous and drawn as a thin tail. */
export function within(model: TraceModel, row: number): [number, number] {
  const start = model.start[row]!;
  const end = model.end(row);
  const parent = model.parent[row]!;
  if (parent < 0) return [start, end];
  return [Math.min(end, Math.max(start, model.start[parent]!)), Math.max(start, Math.min(end, model.end(parent)))];
}
