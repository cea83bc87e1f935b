// Draws one frame of the waterfall: grid, rows in sight, rows that stick, axis, crosshair. Everything it needs is in the scene; it keeps nothing.
import type { Tokens } from '../../../design/theme';
import { formatDuration, formatOffset } from '../../../format/duration';
import type { Matches, TraceModel } from '../model';
import type { Facts } from './facts';
import type { Fills } from './fills';
import type { FoldPlan } from './fold';
import { AXIS_HEIGHT, entriesInSight, entryTop, type Frame } from './geometry';
import { paintBar } from './paintBar';
import { paintName } from './paintName';
import type { EntrySegments, Rows } from './rows';
import { timeAxis, toNanos, toPixel, type TimeScale } from './scale';
import type { TextCache } from './text';

export interface Fonts {
  regular: string;
  strong: string;
  small: string;
  smallStrong: string;
}

export interface Scene {
  model: TraceModel;
  plan: FoldPlan;
  rows: Rows;
  segments: EntrySegments;
  facts: Facts;
  frame: Frame;
  scale: TimeScale;
  sticky: readonly number[];
  tokens: Tokens;
  fills: Fills;
  fonts: Fonts;
  text: TextCache;
  matches: Matches | null;
  showCritical: boolean;
  /** Row of the selected span or ~group of the group the keyboard stands on; −1 for none. */
  selectedCode: number;
  hoverEntry: number;
  /** Pixel under the pointer, −1 for none. */
  crosshair: number;
  /** Pixels a drag spans. */
  drag: [number, number] | null;
  gaps: Map<number, Float64Array>;
  bars: Map<number, Float64Array>;
}

export function fontsOf(family: string, rowHeight: number): Fonts {
  const size = rowHeight < 24 ? 12 : 13;
  return { regular: `${size}px ${family}`, strong: `600 ${size}px ${family}`, small: `11px ${family}`, smallStrong: `600 11px ${family}` };
}

export function paint(context: CanvasRenderingContext2D, scene: Scene): void {
  const { frame, tokens, rows, scale, sticky } = scene;
  context.fillStyle = tokens.bg;
  context.fillRect(0, 0, frame.width, frame.height);
  context.textBaseline = 'middle';
  const axis = timeAxis(scale, scene.model.from);
  const [first, last] = entriesInSight(frame, rows.count);
  for (let entry = first; entry < last; entry++) paintGround(context, scene, entry, entryTop(frame, entry));
  paintGrid(context, scene, axis.ticks, AXIS_HEIGHT, Math.min(frame.height, entryTop(frame, rows.count)));
  paintCells(context, scene, first, last, (entry) => entryTop(frame, entry));
  if (sticky.length > 0) paintSticky(context, scene, axis.ticks);
  paintAxis(context, scene, axis);
  context.fillStyle = tokens.border;
  context.fillRect(Math.round(frame.nameWidth), 0, 1, frame.height);
  paintPointer(context, scene);
}

function paintCells(context: CanvasRenderingContext2D, scene: Scene, from: number, to: number, topOf: (entry: number) => number): void {
  const { frame } = scene;
  context.save();
  context.beginPath();
  context.rect(0, AXIS_HEIGHT, frame.nameWidth, frame.height);
  context.clip();
  for (let entry = from; entry < to; entry++) paintName(context, scene, entry, topOf(entry));
  context.restore();
  context.save();
  context.beginPath();
  context.rect(frame.nameWidth + 1, AXIS_HEIGHT, frame.width, frame.height);
  context.clip();
  for (let entry = from; entry < to; entry++) paintBar(context, scene, entry, topOf(entry));
  context.restore();
}

function paintGround(context: CanvasRenderingContext2D, scene: Scene, entry: number, top: number): void {
  const { frame, tokens, rows, matches } = scene;
  const code = rows.code[entry]!;
  const isSelected = code === scene.selectedCode;
  const isMatch = matches !== null && code >= 0 && matches[code] === 1;
  if (isSelected || entry === scene.hoverEntry) {
    context.fillStyle = isSelected ? tokens.raised : tokens.surface;
    context.fillRect(0, top, frame.width, frame.rowHeight);
  }
  if (isMatch) {
    context.globalAlpha = 0.14;
    context.fillStyle = tokens.warn;
    context.fillRect(0, top, frame.width, frame.rowHeight);
    context.globalAlpha = 1;
    context.fillStyle = tokens.warn;
    context.fillRect(0, top, 3, frame.rowHeight);
  }
  if (isSelected) {
    context.fillStyle = tokens.accent;
    context.fillRect(0, top, 3, frame.rowHeight);
    if (tokens.isForced) {
      context.strokeStyle = tokens.accent;
      context.strokeRect(0.5, top + 0.5, frame.width - 1, frame.rowHeight - 1);
    }
  }
}

function paintGrid(context: CanvasRenderingContext2D, scene: Scene, ticks: readonly { nanos: number }[], top: number, bottom: number): void {
  if (bottom <= top) return;
  context.fillStyle = scene.tokens.border;
  context.globalAlpha = 0.6;
  for (const { nanos } of ticks) context.fillRect(Math.round(toPixel(scene.scale, nanos)), top, 1, bottom - top);
  context.globalAlpha = 1;
}

function paintSticky(context: CanvasRenderingContext2D, scene: Scene, ticks: readonly { nanos: number }[]): void {
  const { frame, tokens, sticky } = scene;
  const height = sticky.length * frame.rowHeight;
  context.fillStyle = tokens.surface;
  context.fillRect(0, AXIS_HEIGHT, frame.width, height);
  sticky.forEach((entry, slot) => paintGround(context, scene, entry, AXIS_HEIGHT + slot * frame.rowHeight));
  paintGrid(context, scene, ticks, AXIS_HEIGHT, AXIS_HEIGHT + height);
  sticky.forEach((entry, slot) => paintCells(context, scene, entry, entry + 1, () => AXIS_HEIGHT + slot * frame.rowHeight));
  context.fillStyle = tokens.control;
  context.fillRect(0, AXIS_HEIGHT + height - 1, frame.width, 1);
}

function paintAxis(context: CanvasRenderingContext2D, scene: Scene, axis: ReturnType<typeof timeAxis>): void {
  const { frame, tokens, scale, fonts, text } = scene;
  context.fillStyle = tokens.surface;
  context.fillRect(0, 0, frame.width, AXIS_HEIGHT);
  context.fillStyle = tokens.border;
  context.fillRect(0, AXIS_HEIGHT - 1, frame.width, 1);
  context.font = fonts.small;
  context.fillStyle = tokens.muted;
  context.fillText('Service · operation', 10, AXIS_HEIGHT / 2);
  let clear = frame.nameWidth + 4;
  if (axis.anchor) {
    const label = `at ${axis.anchor}`;
    context.fillStyle = tokens.text;
    context.fillText(label, clear + 4, AXIS_HEIGHT / 2);
    clear += text.width(label, fonts.small) + 16;
  }
  context.fillStyle = tokens.muted;
  for (const { nanos, label } of axis.ticks) {
    const x = Math.round(toPixel(scale, nanos));
    const width = text.width(label, fonts.small);
    if (x + 4 < clear || x + 4 + width > frame.width) continue;
    context.fillText(label, x + 4, AXIS_HEIGHT / 2);
    context.fillRect(x, AXIS_HEIGHT - 7, 1, 6);
    clear = x + width + 12;
  }
}

function paintPointer(context: CanvasRenderingContext2D, scene: Scene): void {
  const { frame, tokens, scale, drag, crosshair } = scene;
  const right = scale.left + scale.width;
  if (drag) {
    const [a, b] = drag[0] < drag[1] ? drag : [drag[1], drag[0]];
    context.globalAlpha = 0.18;
    context.fillStyle = tokens.accent;
    context.fillRect(a, AXIS_HEIGHT, b - a, frame.height);
    context.globalAlpha = 1;
    context.fillRect(a, 0, 1, frame.height);
    context.fillRect(b, 0, 1, frame.height);
    paintTag(context, scene, (a + b) / 2, formatDuration(toNanos(scale, b) - toNanos(scale, a)));
  } else if (crosshair >= scale.left && crosshair <= right) {
    context.fillStyle = tokens.accent;
    context.fillRect(Math.round(crosshair), AXIS_HEIGHT, 1, frame.height);
    paintTag(context, scene, crosshair, formatOffset(Math.round(toNanos(scale, crosshair) - scene.model.from)));
  }
}

/** A label on the axis, kept within it. */
function paintTag(context: CanvasRenderingContext2D, scene: Scene, x: number, label: string): void {
  const { frame, tokens, fonts, text } = scene;
  const width = text.width(label, fonts.smallStrong) + 12;
  const left = Math.round(Math.min(frame.width - width - 2, Math.max(frame.nameWidth + 2, x - width / 2)));
  context.fillStyle = tokens.raised;
  context.fillRect(left, 2, width, AXIS_HEIGHT - 4);
  context.strokeStyle = tokens.control;
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, 2.5, width - 1, AXIS_HEIGHT - 5);
  context.font = fonts.smallStrong;
  context.fillStyle = tokens.text;
  context.fillText(label, left + 6, AXIS_HEIGHT / 2);
}
