// The bar of a row: the span's time in its service's colour, waiting, tail, events, error cap; beneath it the critical path, beside it the length.
import { formatDuration } from '../../../format/duration';
import { formatPercent } from '../../../format/count';
import { mergedBars, uncovered, within } from './coverage';
import { GROUP_KINDS } from './fold';
import type { Scene } from './paint';
import { OPENING } from './rows';
import { toPixel } from './scale';

/** Spans narrower than this are drawn this wide. */
export const MIN_BAR = 2;
const TAIL = 3;
/** Opacity of a bar's ground where it is not on the critical path. */
const PALE = 0.32;
const CAP = 3;
const LABEL_GAP = 6;
/** Pieces of the path narrower than this are left out of bars wider than that: they would only be specks. */
const SPECK = 0.75;
const SPECKLESS_BAR = 12;
/** From this share of the critical path on, the label says so, in strong type: the eye is to land there. */
export const NOTABLE_SHARE = 0.1;
const KIND_CLIENT = 3;

export function barBox(rowHeight: number): { offset: number; height: number } {
  const height = rowHeight < 24 ? 8 : rowHeight > 24 ? 12 : 10;
  const offset = Math.floor((rowHeight - height - 5) / 2);
  return { offset, height };
}

export function paintBar(context: CanvasRenderingContext2D, scene: Scene, entry: number, top: number): void {
  const { rows, model, facts, scale, frame, tokens } = scene;
  const code = rows.code[entry]!;
  const box = barBox(frame.rowHeight);
  const [start, end] = facts.span(code);
  const left = toPixel(scale, start);
  const right = Math.max(left + MIN_BAR, toPixel(scale, end));
  const isInSight = end >= scale.from && start <= scale.to;
  if (isInSight) {
    if (code < 0) paintGroup(context, scene, code, top + box.offset, box.height);
    else paintSpan(context, scene, code, left, right, top + box.offset, box.height);
  }
  if (scene.showCritical) paintCritical(context, scene, entry, right - left > SPECKLESS_BAR ? SPECK : 0, top + box.offset, box.height);
  if (isInSight && code >= 0) paintSigns(context, scene, code, left, top + box.offset, box.height);

  const isClosed = rows.opening[entry] === OPENING.closed;
  const critical = code < 0 ? (isClosed ? facts.group(~code).critical : 0) : isClosed ? facts.criticalIn(code) : model.critical[code]!;
  if (isInSight) paintLabel(context, scene, code, Math.max(left, scale.left), right, top + box.offset + box.height / 2, critical);
  else {
    // Where to look for what the window leaves out.
    context.font = scene.fonts.small;
    context.fillStyle = tokens.muted;
    if (end < scale.from) context.fillText('‹', frame.nameWidth + 2, top + frame.rowHeight / 2);
    else context.fillText('›', scale.left + scale.width + LABEL_GAP, top + frame.rowHeight / 2);
  }
}

function paintSpan(context: CanvasRenderingContext2D, scene: Scene, row: number, left: number, right: number, top: number, height: number): void {
  const { model, scale, tokens, fills } = scene;
  const fill = fills.services[model.service[row]!] ?? tokens.control;
  const [from, to] = within(model, row);
  const a = toPixel(scale, from);
  const b = Math.max(a + MIN_BAR, toPixel(scale, to));
  const isAsync = left < a - 0.5 || right > b + 0.5;
  if (tokens.isForced) {
    context.strokeStyle = tokens.text;
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, top + 0.5, Math.max(1, right - left - 1), height - 1);
  } else {
    context.fillStyle = fill;
    if (isAsync) context.fillRect(left, top + (height - TAIL) / 2, right - left, TAIL);
    if (to > from || !isAsync) paintBox(context, scene, a, top, Math.max(MIN_BAR, Math.min(b, right) - a), height);
    if (model.kind[row] === KIND_CLIENT && model.hasChildren(row)) paintWaits(context, scene, row, top, height);
  }
}

function paintSigns(context: CanvasRenderingContext2D, scene: Scene, row: number, left: number, top: number, height: number): void {
  const { model, scale, tokens } = scene;
  if (model.isError(row)) {
    // A gap keeps the cap apart from bars of a like colour.
    context.fillStyle = tokens.bg;
    context.fillRect(left + CAP, top, 1, height);
    context.fillStyle = tokens.error;
    context.fillRect(left, top - 1, CAP, height + 2);
  }
  for (let i = model.eventsFrom[row]!; i < model.eventsFrom[row + 1]!; i++) {
    const x = Math.round(toPixel(scale, model.eventNanos[i]!));
    context.fillStyle = tokens.bg;
    context.fillRect(x - 1, top - 3, 4, height + 4);
    context.fillStyle = tokens.text;
    context.fillRect(x, top - 3, 2, height + 4);
  }
}

/**
 * With the path shown, a box is full only where it is on the path and pale within its outline elsewhere: time spent waiting for others must not shout
 * louder than what is waited for. The outline keeps the box's contrast.
 */
function paintBox(context: CanvasRenderingContext2D, scene: Scene, x: number, top: number, width: number, height: number): void {
  if (!scene.showCritical || width <= 4) {
    context.fillRect(x, top, width, height);
    return;
  }
  context.globalAlpha = PALE;
  context.fillRect(x, top, width, height);
  context.globalAlpha = 1;
  context.fillRect(x, top, width, 1);
  context.fillRect(x, top + height - 1, width, 1);
  context.fillRect(x, top, 1, height);
  context.fillRect(x + width - 1, top, 1, height);
}

function paintWaits(context: CanvasRenderingContext2D, scene: Scene, row: number, top: number, height: number): void {
  const { model, scale, fills, tokens } = scene;
  let gaps = scene.gaps.get(row);
  if (!gaps) scene.gaps.set(row, (gaps = uncovered(model, row)));
  const wait = fills.waits[model.service[row]!];
  if (!wait) return;
  for (let i = 0; i < gaps.length; i += 2) {
    const a = toPixel(scale, gaps[i]!);
    const b = toPixel(scale, gaps[i + 1]!);
    if (b - a < 2) continue;
    context.fillStyle = tokens.bg;
    context.fillRect(a, top, b - a, height);
    context.fillStyle = wait;
    context.fillRect(a, top, b - a, height);
  }
}

function paintGroup(context: CanvasRenderingContext2D, scene: Scene, code: number, top: number, height: number): void {
  const { model, facts, scale, tokens, fills } = scene;
  const group = facts.group(~code);
  let bars = scene.bars.get(code);
  if (!bars) scene.bars.set(code, (bars = mergedBars(model, group.byStart, scale)));
  context.fillStyle = group.service >= 0 ? (fills.services[group.service] ?? fills.mixed) : fills.mixed;
  context.strokeStyle = tokens.text;
  context.lineWidth = 1;
  for (let i = 0; i < bars.length; i += 2) {
    if (tokens.isForced) context.strokeRect(bars[i]! + 0.5, top + 0.5, Math.max(1, bars[i + 1]! - bars[i]! - 1), height - 1);
    else paintBox(context, scene, bars[i]!, top, Math.max(1, bars[i + 1]! - bars[i]!), height);
  }
  if (group.errors > 0) {
    context.fillStyle = tokens.error;
    context.fillRect(toPixel(scale, group.from), top - 1, CAP, height + 2);
  }
}

/** Exactly the segments of the path that this row shows or folds away; pieces less than a pixel apart are one line, and one of less than `least` pixels is left out. */
function paintCritical(context: CanvasRenderingContext2D, scene: Scene, entry: number, least: number, top: number, height: number): void {
  const { model, segments, scale, tokens, fills, rows, facts } = scene;
  const code = rows.code[entry]!;
  const service = code < 0 ? facts.group(~code).service : model.service[code]!;
  const y = top + height + 2;
  let [from, to] = [NaN, NaN];
  const line = () => {
    if (to - from < least) return;
    const width = Math.max(1, to - from);
    if (!tokens.isForced) {
      context.fillStyle = fills.services[service] ?? fills.mixed;
      context.fillRect(from, top, width, height);
    }
    context.fillStyle = tokens.criticalHalo;
    context.fillRect(from - 1, y - 1, width + 2, 4);
    context.fillStyle = tokens.critical;
    context.fillRect(from, y, width, 2);
  };
  for (let i = segments.from[entry]!; i < segments.from[entry + 1]!; i++) {
    const at = segments.segment[i]!;
    if (model.pathEnd[at]! < scale.from || model.pathStart[at]! > scale.to) continue;
    const a = toPixel(scale, model.pathStart[at]!);
    const b = toPixel(scale, model.pathEnd[at]!);
    if (a <= to + 1) {
      to = Math.max(to, b);
      continue;
    }
    if (from === from) line();
    [from, to] = [a, b];
  }
  if (from === from) line();
}

function paintLabel(context: CanvasRenderingContext2D, scene: Scene, code: number, left: number, right: number, y: number, critical: number): void {
  const { facts, tokens, fonts, text, frame, scale, plan } = scene;
  const share = facts.criticalShare(critical);
  const isNotable = scene.showCritical && share >= NOTABLE_SHARE;
  let extra = isNotable ? `${formatPercent(share)} of path` : '';
  const font = isNotable ? fonts.smallStrong : fonts.small;
  let label = facts.label(code);
  const widthNow = () => text.width(label, font) + (extra ? text.width(extra, fonts.smallStrong) + LABEL_GAP : 0);
  let width = widthNow();
  let x = right + LABEL_GAP;
  if (extra && x + width > frame.width - 4) {
    extra = formatPercent(share);
    width = widthNow();
  }
  if (x + width > frame.width - 4 && left - LABEL_GAP - width > scale.left) x = left - LABEL_GAP - width;
  else if (x + width > frame.width - 4 && code < 0 && plan.groups.kind[~code]! < GROUP_KINDS.missingParent) {
    label = formatDuration(facts.group(~code).total);
    extra = '';
  }
  context.font = font;
  context.fillStyle = isNotable ? tokens.text : tokens.muted;
  context.fillText(label, x, y + 0.5);
  if (extra) {
    context.font = fonts.smallStrong;
    context.fillStyle = tokens.text;
    context.fillText(extra, x + text.width(label, font) + LABEL_GAP, y + 0.5);
  }
}
