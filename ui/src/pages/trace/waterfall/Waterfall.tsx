// The waterfall of a trace: minimap, a line of words, and the canvas with its rows for keyboards and readers. State lives with the page, in the address.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { ServiceColour } from '../../../colours/services';
import { useTokens } from '../../../design/theme';
import { usePreferences } from '../../../preferences/preferences';
import type { Matches, TraceModel } from '../model';
import type { ChangeView, WaterfallView } from '../traceUrl';
import { makeActions, type Context } from './actions';
import { Divider } from './Divider';
import { AXIS_HEIGHT, entriesInSight, ROW_HEIGHTS, type Frame } from './geometry';
import { HoverCard, type Hover } from './HoverCard';
import { LiveWindow } from './liveWindow';
import { Minimap } from './Minimap';
import { keepNameShare, readNameShare } from './nameColumn';
import { wholeWindow } from './scale';
import { Stage } from './stage';
import { StatusLine } from './StatusLine';
import { TreeProxies } from './TreeProxies';
import { useDrawing } from './useDrawing';
import { usePointer, type PointerState } from './usePointer';
import { useRows } from './useRows';
import { useWaterfallKeys } from './useWaterfallKeys';
import './waterfall.css';

export interface WaterfallProps {
  model: TraceModel;
  /** Row of the selected span, −1 for none. */
  selected: number;
  onSelect(row: number, how?: { open?: boolean }): void;
  view: WaterfallView;
  onView: ChangeView;
  matches: Matches | null;
  showCritical: boolean;
  /** By service of the trace. */
  colours: readonly ServiceColour[];
}

const PROXIES_AFTER_MS = 100;
/** Rows held beyond what is in sight. */
const SPARE_ROWS = 4;

export function Waterfall({ model, selected, onSelect, view, onView, matches, showCritical, colours }: WaterfallProps) {
  const tokens = useTokens();
  const rowHeight = ROW_HEIGHTS[usePreferences().density];
  const shown = useRows(model, view, matches, selected);
  const [share, setShare] = useState(readNameShare);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [cursor, setCursor] = useState(selected);
  const [range, setRange] = useState<[number, number]>([0, 60]);
  const [hover, setHover] = useState<Hover | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLDivElement>(null);
  const stage = useRef<Stage | null>(null);
  const pointer = useRef<PointerState>({ hoverEntry: -1, crosshair: -1, drag: null });
  const focusWanted = useRef(false);
  const sendView = useRef(onView);
  sendView.current = onView;

  const whole = useMemo(() => wholeWindow(model.from, model.to), [model]);
  const [live] = useState(() => new LiveWindow(view.zoom ?? whole, whole, (zoom, replace) => sendView.current({ zoom }, { replace })));
  useEffect(() => live.adopt(view.zoom, whole), [live, view.zoom, whole]);
  useEffect(() => () => live.stop(), [live]);

  const nameWidth = Math.round(size.width * share);
  const frame = useRef<() => Frame>(() => ({ width: 0, height: 0, nameWidth: 0, rowHeight, scrollTop: 0 }));
  frame.current = () => ({ width: scroller.current?.clientWidth ?? size.width, height: size.height, nameWidth, rowHeight, scrollTop: scroller.current?.scrollTop ?? 0 });

  const look = () => {
    const at = frame.current();
    const [first, last] = entriesInSight(at, context.current.shown.rows.count);
    setRange([Math.max(0, first - SPARE_ROWS), last + SPARE_ROWS]);
  };
  const context = useRef<Context>(null!);
  context.current = {
    ...(context.current ?? { pointerNanos: null, segment: -1, pending: -1 }),
    model, shown, view, matches, selected, onSelect, live, cursor,
    onView: (change, how) => sendView.current(change, how),
    setCursor: (code, focus) => {
      focusWanted.current ||= focus;
      setCursor(code);
    },
    frame: () => frame.current(),
    scrollTo: (top) => {
      const element = scroller.current;
      if (!element || element.scrollTop === top) return;
      element.scrollTop = top;
      look();
    },
  };
  const [actions] = useState(() => makeActions(context));
  useWaterfallKeys(actions);
  const redraw = (isMoving: boolean) => stage.current?.request(isMoving);
  usePointer({ view: box, scroller, latest: context, actions, state: pointer, redraw, onHover: setHover });

  const draw = useDrawing({ context, pointer, tokens, colours, showCritical, highlight: cursor < -1 ? cursor : selected });
  useEffect(() => {
    const made = new Stage(canvas.current!, (pen, ratio) => draw.current(pen, ratio));
    stage.current = made;
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      made.resize(width, height);
      setSize({ width, height });
    });
    observer.observe(box.current!);
    const leave = live.subscribe(() => made.request(true));
    return () => {
      observer.disconnect();
      leave();
      made.stop();
    };
  }, [live, draw]);

  // What React renders changes what is drawn.
  useLayoutEffect(() => stage.current?.request());
  useEffect(look, [shown.rows, size, rowHeight]);

  useEffect(() => {
    const element = scroller.current!;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const onScroll = () => {
      stage.current?.request(true);
      setHover(null);
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(look, PROXIES_AFTER_MS);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      if (timer !== null) clearTimeout(timer);
      element.removeEventListener('scroll', onScroll);
    };
  }, []);

  // A span selected from elsewhere is shown, whatever folds it away.
  useEffect(() => {
    if (selected < 0) return;
    setCursor(selected);
    context.current.pending = selected;
  }, [selected, model]);
  useEffect(() => {
    if (size.height > 0) actions.settle();
  }, [selected, shown, size.height > 0]);
  // The details take room: what was in sight stays there.
  const heightBefore = useRef(0);
  useEffect(() => {
    const before = { ...frame.current(), height: heightBefore.current };
    heightBefore.current = size.height;
    const entry = actions.cursorEntry();
    const [first, last] = entriesInSight(before, context.current.shown.rows.count);
    if (before.height > 0 && entry >= first && entry < last) actions.showEntry(entry);
  }, [size.height, actions]);
  // Groups are numbered by the plan.
  useEffect(() => {
    setCursor((code) => (code < -1 ? selected : code));
    actions.showEntry(actions.cursorEntry());
  }, [shown.plan]);

  const current = actions.entryOf(cursor);
  useLayoutEffect(() => {
    if (!focusWanted.current) return;
    focusWanted.current = false;
    grid.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true });
    // In a low window the page scrolls, too.
    box.current?.scrollIntoView?.({ block: 'nearest' });
  });

  const choose = (next: number, isDone: boolean) => {
    setShare(next);
    if (isDone) keepNameShare(next);
  };
  return (
    <div className="waterfall">
      <Minimap model={model} live={live} colours={colours} showCritical={showCritical} />
      <StatusLine model={model} shown={shown} view={view} live={live} showCritical={showCritical} hasMatches={matches !== null} onView={onView} />
      <div ref={box} className="waterfall-view">
        <canvas ref={canvas} aria-hidden className="waterfall-canvas" />
        <div ref={scroller} className="waterfall-scroll" style={{ top: AXIS_HEIGHT }}>
          <TreeProxies
            rows={shown.rows} facts={shown.facts} first={range[0]} last={range[1]} current={current >= 0 ? current : Math.min(range[0] + (range[0] > 0 ? SPARE_ROWS : 0), shown.rows.count - 1)}
            selected={cursor < -1 ? cursor : selected} matches={matches} rowHeight={rowHeight} nameWidth={nameWidth} gridRef={grid}
          />
        </div>
        {shown.rows.count === 0 ? <p className="waterfall-empty">{view.only ? 'No span matches.' : 'There are no spans.'}</p> : null}
        <Divider share={share} width={size.width} onShare={choose} />
        {hover ? <HoverCard hover={hover} facts={shown.facts} width={size.width} height={size.height} /> : null}
      </div>
    </div>
  );
}

