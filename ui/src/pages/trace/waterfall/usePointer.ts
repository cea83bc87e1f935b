// The pointer over the waterfall: hover, click, drag to zoom, wheel to zoom and pan.
import { useEffect, useRef, type RefObject } from 'react';
import type { Actions, Context } from './actions';
import type { Hover } from './HoverCard';
import { HOVER_MS } from './HoverCard';
import { hitTest, scaleOf, stickyEntries, type Hit } from './geometry';
import { clampWindow, panBy, toNanos, zoomAt } from './scale';

/** What the pointer leaves for the drawing. */
export interface PointerState {
  hoverEntry: number;
  crosshair: number;
  drag: [number, number] | null;
}

interface PointerWanted {
  view: RefObject<HTMLDivElement | null>;
  scroller: RefObject<HTMLDivElement | null>;
  latest: RefObject<Context>;
  actions: Actions;
  state: RefObject<PointerState>;
  redraw(isMoving: boolean): void;
  onHover(hover: Hover | null): void;
}

const DRAG_PIXELS = 4;
/** Zoom per wheel notch of 100. */
const WHEEL_ZOOM = 0.002;

export function usePointer(wanted: PointerWanted): void {
  const current = useRef(wanted);
  current.current = wanted;
  useEffect(() => {
    const view = wanted.view.current!;
    let timer: ReturnType<typeof setTimeout> | null = null;
    let pressed: { x: number; y: number; hit: Hit } | null = null;
    let hovered = -1;

    const place = (event: { clientX: number; clientY: number }) => {
      const box = view.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    const hitAt = (x: number, y: number) => {
      const { shown, frame } = current.current.latest.current;
      const at = frame();
      return hitTest(shown.rows, at, stickyEntries(shown.rows, at), x, y);
    };
    const scale = () => {
      const { live, frame } = current.current.latest.current;
      return scaleOf(frame(), live.current.fromNanos, live.current.toNanos);
    };
    const hideCard = () => {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      hovered = -1;
      current.current.onHover(null);
    };
    const onMove = (event: PointerEvent) => {
      const { latest, state, redraw, onHover } = current.current;
      const { x, y } = place(event);
      const at = scale();
      if (pressed && (state.current.drag || Math.abs(x - pressed.x) > DRAG_PIXELS)) {
        if (pressed.hit.part === 'time' || pressed.hit.part === 'axis') {
          if (!state.current.drag) view.setPointerCapture(event.pointerId);
          const keep = (pixel: number) => Math.min(at.left + at.width, Math.max(at.left, pixel));
          state.current.drag = [keep(pressed.x), keep(x)];
          hideCard();
          redraw(true);
          return;
        }
      }
      const hit = hitAt(x, y);
      state.current.hoverEntry = hit.entry;
      state.current.crosshair = hit.part === 'time' || hit.part === 'axis' ? x : -1;
      latest.current.pointerNanos = state.current.crosshair >= at.left && x <= at.left + at.width ? toNanos(at, x) : null;
      view.dataset['part'] = hit.part;
      redraw(false);
      const code = hit.part === 'time' ? latest.current.shown.rows.code[hit.entry]! : -1;
      if (code === hovered) return;
      hideCard();
      hovered = code;
      if (code !== -1) timer = setTimeout(() => onHover({ code, x, y }), HOVER_MS);
    };
    const onLeave = () => {
      const { latest, state, redraw } = current.current;
      if (state.current.drag) return;
      state.current = { hoverEntry: -1, crosshair: -1, drag: null };
      latest.current.pointerNanos = null;
      hideCard();
      redraw(false);
    };
    const onDown = (event: PointerEvent) => {
      if (event.button !== 0 || (event.target as HTMLElement).closest('[role=separator]')) return;
      const { x, y } = place(event);
      const { width } = view.getBoundingClientRect();
      // The scroll bar is not the timeline.
      if (x > width - (width - current.current.scroller.current!.clientWidth)) return;
      pressed = { x, y, hit: hitAt(x, y) };
    };
    const onUp = () => {
      const { latest, state, actions, redraw } = current.current;
      const { drag } = state.current;
      const hit = pressed?.hit;
      pressed = null;
      if (drag) {
        const at = scale();
        state.current.drag = null;
        const [from, to] = [Math.min(...drag), Math.max(...drag)];
        latest.current.live.jump(clampWindow({ fromNanos: toNanos(at, from), toNanos: toNanos(at, to) }, latest.current.live.all));
        redraw(false);
        return;
      }
      // Text was selected, not a row.
      if (!hit || hit.entry < 0 || (getSelection()?.toString() ?? '') !== '') return;
      const code = latest.current.shown.rows.code[hit.entry]!;
      if (hit.part === 'toggle' || code < 0) {
        actions.toggle(code);
        if (hit.isSticky) actions.showEntry(hit.entry);
        if (code < 0) latest.current.setCursor(code, false);
      } else {
        if (hit.isSticky) actions.showEntry(hit.entry);
        latest.current.setCursor(code, false);
        latest.current.segment = -1;
        latest.current.onSelect(code, { open: true });
      }
    };
    const onCancel = () => {
      pressed = null;
      current.current.state.current.drag = null;
      current.current.redraw(false);
    };
    const onDouble = (event: MouseEvent) => {
      const { x, y } = place(event);
      const hit = hitAt(x, y);
      if (hit.part === 'time') current.current.actions.zoomToSpan(current.current.latest.current.shown.rows.code[hit.entry]!);
      else if (hit.part === 'axis') current.current.actions.resetZoom();
    };
    const onWheel = (event: WheelEvent) => {
      const { live } = current.current.latest.current;
      const { x } = place(event);
      const at = scale();
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        live.scrub(zoomAt(live.current, toNanos(at, Math.min(at.left + at.width, Math.max(at.left, x))), Math.exp(event.deltaY * WHEEL_ZOOM), live.all));
      } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        event.preventDefault();
        const pixels = event.deltaX || event.deltaY;
        live.scrub(panBy(live.current, (pixels / at.width) * (at.to - at.from), live.all));
      }
      hideCard();
    };
    view.addEventListener('pointermove', onMove);
    view.addEventListener('pointerleave', onLeave);
    view.addEventListener('pointerdown', onDown);
    view.addEventListener('pointerup', onUp);
    view.addEventListener('pointercancel', onCancel);
    view.addEventListener('dblclick', onDouble);
    view.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      if (timer !== null) clearTimeout(timer);
      view.removeEventListener('pointermove', onMove);
      view.removeEventListener('pointerleave', onLeave);
      view.removeEventListener('pointerdown', onDown);
      view.removeEventListener('pointerup', onUp);
      view.removeEventListener('pointercancel', onCancel);
      view.removeEventListener('dblclick', onDouble);
      view.removeEventListener('wheel', onWheel);
    };
  }, [wanted.view]);
}
