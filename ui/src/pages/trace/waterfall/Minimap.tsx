// The whole trace in 64 pixels, with the window of time as a brush: drag to choose, drag the brush to move it, its handles to widen it.
import { useEffect, useMemo, useRef, useSyncExternalStore, type KeyboardEvent, type PointerEvent } from 'react';
import type { ServiceColour } from '../../../colours/services';
import { useTokens } from '../../../design/theme';
import { formatDuration, formatOffset } from '../../../format/duration';
import type { TraceModel } from '../model';
import type { Zoom } from '../traceUrl';
import { LiveWindow } from './liveWindow';
import { pixelOf, rasterise } from './minimapRaster';
import { clampWindow, panBy } from './scale';
import { Stage } from './stage';

interface MinimapProps {
  model: TraceModel;
  live: LiveWindow;
  colours: readonly ServiceColour[];
  showCritical: boolean;
}

/** Opacity of spans where the path is shown. */
const PALE = 0.45;

type Grip = { what: 'from' | 'to' | 'move' | 'new'; at: number; window: Zoom; moved: boolean };

export function Minimap({ model, live, colours, showCritical }: MinimapProps) {
  const tokens = useTokens();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const stage = useRef<Stage | null>(null);
  const grip = useRef<Grip | null>(null);
  const window = useSyncExternalStore(live.subscribe, () => live.current);
  const whole = live.all;
  const length = whole.toNanos - whole.fromNanos;

  const picture = useMemo(() => {
    // The canvas knows every way to write a colour, also the reader's own.
    const reader = document.createElement('canvas').getContext('2d');
    const pixel = (colour: string, opacity = 1) => {
      if (!reader) return pixelOf(colour, opacity);
      reader.fillStyle = colour;
      return pixelOf(String(reader.fillStyle), opacity);
    };
    const servicesAt = (opacity: number) => Uint32Array.from(colours, (colour) => pixel(tokens.services[colour.slot] ?? tokens.muted, opacity));
    const palette = {
      services: servicesAt(1),
      error: pixel(tokens.error),
      path: showCritical ? { line: pixel(tokens.critical), halo: pixel(tokens.surface), pale: servicesAt(PALE) } : null,
    };
    const ground = tokens.surface;
    let kept: HTMLCanvasElement | null = null;
    return (width: number, height: number, ratio: number): HTMLCanvasElement => {
      if (kept && kept.width === width && kept.height === height) return kept;
      kept = document.createElement('canvas');
      kept.width = width;
      kept.height = height;
      const lines = document.createElement('canvas');
      lines.width = width;
      lines.height = height;
      lines.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(rasterise(model, width, height, palette, ratio).buffer), width, height), 0, 0);
      const pen = kept.getContext('2d');
      if (pen) {
        pen.fillStyle = ground;
        pen.fillRect(0, 0, width, height);
        pen.drawImage(lines, 0, 0);
      }
      return kept;
    };
  }, [model, colours, tokens, showCritical]);

  const draw = useRef<(context: CanvasRenderingContext2D, ratio: number) => void>(() => {});
  draw.current = (context, ratio) => {
    const { width, height } = stage.current!;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(picture(Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio)), ratio), 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const now = live.current;
    const all = live.all;
    const x = (nanos: number) => ((nanos - all.fromNanos) / (all.toNanos - all.fromNanos)) * width;
    if (!live.isWhole) {
      context.globalAlpha = 0.66;
      context.fillStyle = tokens.bg;
      context.fillRect(0, 0, x(now.fromNanos), height);
      context.fillRect(x(now.toNanos), 0, width, height);
      context.globalAlpha = 1;
      context.fillStyle = tokens.accent;
      context.fillRect(x(now.fromNanos), 0, Math.max(2, x(now.toNanos) - x(now.fromNanos)), 2);
    }
    const [first, last] = live.inSight;
    if (last > first && last - first < model.count) {
      context.fillStyle = tokens.accent;
      context.fillRect(0, (first / model.count) * height, 3, Math.max(3, ((last - first) / model.count) * height));
    }
  };

  useEffect(() => {
    const made = new Stage(canvas.current!, (context, ratio) => draw.current(context, ratio));
    stage.current = made;
    const observer = new ResizeObserver(([entry]) => made.resize(entry!.contentRect.width, entry!.contentRect.height));
    observer.observe(box.current!);
    const leave = [live.subscribe(() => made.request()), live.onSight(() => made.request())];
    return () => {
      observer.disconnect();
      for (const each of leave) each();
      made.stop();
    };
  }, [live]);
  useEffect(() => stage.current?.request(), [picture]);

  const nanosAt = (event: { clientX: number }) => {
    const { left, width } = box.current!.getBoundingClientRect();
    return whole.fromNanos + Math.min(1, Math.max(0, (event.clientX - left) / width)) * length;
  };

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    const at = nanosAt(event);
    const handle = (event.target as HTMLElement).dataset['end'] as 'from' | 'to' | undefined;
    const isInside = !live.isWhole && at >= window.fromNanos && at <= window.toNanos;
    grip.current = { what: handle ?? (isInside ? 'move' : 'new'), at, window, moved: false };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    const held = grip.current;
    if (!held) return;
    const at = nanosAt(event);
    const pixel = length / box.current!.clientWidth;
    if (!held.moved && Math.abs(at - held.at) < 3 * pixel) return;
    held.moved = true;
    if (held.what === 'move') live.scrub(panBy(held.window, at - held.at, whole));
    else {
      const anchor = held.what === 'from' ? held.window.toNanos : held.what === 'to' ? held.window.fromNanos : held.at;
      live.scrub(clampWindow({ fromNanos: Math.min(at, anchor), toNanos: Math.max(at, anchor) }, whole));
    }
  };
  const onPointerUp = () => {
    const held = grip.current;
    grip.current = null;
    if (held?.moved) live.jump(live.isWhole ? null : live.current);
  };

  const onKey = (end: 'from' | 'to') => (event: KeyboardEvent<HTMLDivElement>) => {
    const step = length * (event.shiftKey ? 0.1 : 0.01);
    const by = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step, PageDown: -step * 10, PageUp: step * 10 }[event.key];
    const edge = event.key === 'Home' ? whole.fromNanos : event.key === 'End' ? whole.toNanos : null;
    if (by === undefined && edge === null) return;
    event.preventDefault();
    const moved = edge ?? (end === 'from' ? window.fromNanos : window.toNanos) + by!;
    const fromNanos = end === 'from' ? Math.min(Math.max(moved, whole.fromNanos), window.toNanos - 1) : window.fromNanos;
    const toNanos = end === 'to' ? Math.max(Math.min(moved, whole.toNanos), window.fromNanos + 1) : window.toNanos;
    live.scrub(clampWindow({ fromNanos, toNanos }, whole));
  };

  const handle = (end: 'from' | 'to', nanos: number) => (
    <div
      role="slider"
      tabIndex={0}
      className="minimap-handle"
      data-end={end}
      aria-label={end === 'from' ? 'Start of the shown time' : 'End of the shown time'}
      aria-valuemin={0}
      aria-valuemax={1000}
      aria-valuenow={Math.round(((nanos - whole.fromNanos) / length) * 1000)}
      aria-valuetext={formatOffset(nanos - whole.fromNanos)}
      style={{ left: `${((nanos - whole.fromNanos) / length) * 100}%` }}
      onKeyDown={onKey(end)}
    />
  );

  return (
    <div
      ref={box}
      role="group"
      aria-label={`Overview of ${formatDuration(model.length)}`}
      className="minimap"
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={onPointerUp}
      onDoubleClick={() => live.jump(null)}
    >
      <canvas ref={canvas} aria-hidden />
      {handle('from', window.fromNanos)}
      {handle('to', window.toNanos)}
    </div>
  );
}
