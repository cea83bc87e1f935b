// Gathers a scene from the latest state and paints it; keeps what is dear to make until what it stands on changes.
import { useRef, type RefObject } from 'react';
import type { ServiceColour } from '../../../colours/services';
import type { Tokens } from '../../../design/theme';
import type { Context } from './actions';
import { makeFills, type Fills } from './fills';
import { entriesInSight, scaleOf, stickyEntries } from './geometry';
import { fontsOf, paint } from './paint';
import type { TimeScale } from './scale';
import { TextCache } from './text';
import type { PointerState } from './usePointer';

interface DrawingWanted {
  context: RefObject<Context>;
  pointer: RefObject<PointerState>;
  tokens: Tokens;
  colours: readonly ServiceColour[];
  showCritical: boolean;
  /** Code of the row that stands out. */
  highlight: number;
}

export type Draw = (pen: CanvasRenderingContext2D, ratio: number) => void;

export function useDrawing(wanted: DrawingWanted): RefObject<Draw> {
  const latest = useRef(wanted);
  latest.current = wanted;
  const draw = useRef<Draw | null>(null);
  draw.current ??= makeDraw(latest);
  return draw as RefObject<Draw>;
}

function makeDraw(latest: RefObject<DrawingWanted>): Draw {
  const pen = document.createElement('canvas').getContext('2d');
  const text = new TextCache((what, font) => {
    if (!pen) return 0;
    if (pen.font !== font) pen.font = font;
    return pen.measureText(what).width;
  });
  const family = getComputedStyle(document.body).fontFamily;
  const gaps = new Map<number, Float64Array>();
  const bars = new Map<number, Float64Array>();
  let fills: { made: Fills; tokens: Tokens; colours: readonly ServiceColour[]; ratio: number } | null = null;
  let drawn: { facts: unknown; model: unknown; scale: TimeScale } | null = null;

  return (context, ratio) => {
    const { context: state, pointer, tokens, colours, showCritical, highlight } = latest.current;
    const { model, shown, matches, live, frame: frameNow } = state.current;
    const frame = frameNow();
    if (frame.width === 0) return;
    const scale = scaleOf(frame, live.current.fromNanos, live.current.toNanos);
    if (drawn?.model !== model) gaps.clear();
    if (drawn?.facts !== shown.facts || !isSame(drawn.scale, scale)) bars.clear();
    drawn = { facts: shown.facts, model, scale };
    if (fills?.tokens !== tokens || fills.colours !== colours || fills.ratio !== ratio) fills = { made: makeFills(context, tokens, colours, ratio), tokens, colours, ratio };
    paint(context, {
      model, plan: shown.plan, rows: shown.rows, segments: shown.segments, facts: shown.facts, frame, scale, tokens, matches, showCritical, text, gaps, bars,
      fills: fills.made,
      fonts: fontsOf(family, frame.rowHeight),
      sticky: stickyEntries(shown.rows, frame),
      selectedCode: highlight,
      ...pointer.current,
    });
    const [first, last] = entriesInSight(frame, shown.rows.count);
    if (last > first) live.look(rowAt(shown.rows.code, first, 1), rowAt(shown.rows.code, last - 1, -1) + 1);
  };
}

/** The nearest span from an entry on. */
function rowAt(code: Int32Array, entry: number, direction: 1 | -1): number {
  let at = entry;
  while (at >= 0 && at < code.length && code[at]! < 0) at += direction;
  return code[at] ?? (direction > 0 ? 0 : -1);
}

function isSame(a: TimeScale, b: TimeScale): boolean {
  return a.from === b.from && a.to === b.to && a.left === b.left && a.width === b.width;
}
