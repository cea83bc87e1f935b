// The list on screen: a head that stays, rows in view, keys that move, and a place to load more at its end.
import { ArrowUp } from 'lucide-react';
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type MouseEvent, type UIEvent } from 'react';
import { Button } from '../../design';
import { formatCount, formatPlural } from '../../format/count';
import { useKeys } from '../../keys/keys';
import { usePreferences } from '../../preferences/preferences';
import { keepPlace, keptPlace } from './place';
import { describeError } from '../../design/States';
import { TraceRow } from './TraceRow';
import type { TraceListState } from './useTraceList';
import { rowWindow, scrollToShow, VIRTUAL_FROM } from './virtualRows';

export const ROW_HEIGHTS = { compact: 40, normal: 48, comfortable: 56 };
const HEAD_HEIGHT = 32;

export interface TraceTableProps {
  list: TraceListState;
  /** What is listed, as a key: another list starts at its top. */
  listKey: string;
  onHeld: (isHeld: boolean) => void;
}

export function TraceTable({ list, listKey, onHeld }: TraceTableProps) {
  const { traces } = list;
  const { utc, density } = usePreferences();
  const rowHeight = ROW_HEIGHTS[density];
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 800 });
  const { from, to } = rowWindow(traces.length, rowHeight, view.top, view.height);
  useHeld(scroller, onHeld);
  usePlace(scroller, listKey, list.isStale);
  useLayoutEffect(() => {
    const element = scroller.current!;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight - HEAD_HEIGHT });
    measure();
    const sizes = typeof ResizeObserver === 'undefined' ? null : new ResizeObserver(measure);
    sizes?.observe(element);
    return () => sizes?.disconnect();
  }, []);

  const focusRow = (index: number) => {
    const trace = traces[index];
    const element = scroller.current;
    if (!trace || !element) return;
    element.scrollTop = scrollToShow(index, rowHeight, element.scrollTop, element.clientHeight - HEAD_HEIGHT);
    // Drawn first, if it was out of the window of rows.
    setView({ top: element.scrollTop, height: element.clientHeight - HEAD_HEIGHT });
    requestAnimationFrame(() => element.querySelector<HTMLElement>(`[data-trace="${trace.traceId}"]`)?.focus({ preventScroll: true }));
  };
  const move = (step: number) => {
    const at = traces.findIndex((trace) => trace.traceId === (document.activeElement as HTMLElement | null)?.dataset['trace']);
    // The first stroke, and one after the focused row was scrolled away, goes to the first row in view.
    const top = scroller.current?.scrollTop ?? 0;
    const isInView = at >= 0 && scrollToShow(at, rowHeight, top, (scroller.current?.clientHeight ?? 0) - HEAD_HEIGHT) === top;
    focusRow(isInView ? Math.max(0, Math.min(traces.length - 1, at + step)) : Math.ceil(top / rowHeight));
  };
  useKeys('List', [
    { keys: 'j | ArrowDown', label: 'Next trace', run: () => move(1) },
    { keys: 'k | ArrowUp', label: 'Previous trace', run: () => move(-1) },
  ]);

  const toTop = () => scroller.current?.scrollTo({ top: 0 });
  const { count, isMore } = list.waiting;
  return (
    <div className="trace-list">
      {count > 0 && (
        <Button
          className="trace-waiting"
          variant="primary"
          icon={<ArrowUp aria-hidden />}
          onClick={() => {
            list.showWaiting();
            toTop();
          }}
        >
          {isMore ? `${formatCount(count)}+ new traces` : formatPlural(count, 'new trace')}
        </Button>
      )}
      <div
        className={`trace-scroller${list.isStale ? ' trace-stale' : ''}`}
        ref={scroller}
        aria-busy={list.isStale}
        onScroll={(event: UIEvent<HTMLDivElement>) => {
          const { scrollTop, clientHeight } = event.currentTarget;
          if (traces.length > VIRTUAL_FROM) setView({ top: scrollTop, height: clientHeight - HEAD_HEIGHT });
        }}
      >
        <div className="trace-table" role="table" aria-label="Traces, newest first" aria-rowcount={list.hasMore ? -1 : traces.length + 1} style={{ '--row': `${rowHeight}px` } as React.CSSProperties}>
          <TraceHead />
          <div role="rowgroup" className="trace-body" style={{ paddingTop: from * rowHeight, paddingBottom: (traces.length - to) * rowHeight }}>
            {traces.slice(from, to).map((trace, index) => (
              <TraceRow key={trace.traceId} trace={trace} rowIndex={from + index + 2} utc={utc} />
            ))}
          </div>
        </div>
        <ListEnd list={list} root={scroller} />
      </div>
    </div>
  );
}

export function TraceHead() {
  return (
    <div role="rowgroup" className="trace-head">
      <div role="row" className="trace-row" aria-rowindex={1}>
        <div className="trace-cell" role="columnheader">
          Start
        </div>
        <div className="trace-cell" role="columnheader">
          Trace
        </div>
        <div className="trace-cell" role="columnheader" title="The bar measures it against the p99 of its root operation, which is the mark on the bar">
          Duration
        </div>
        <div className="trace-cell trace-number" role="columnheader">
          Spans
        </div>
        <div className="trace-cell trace-number" role="columnheader">
          Errors
        </div>
        <div className="trace-cell" role="columnheader">
          Services
        </div>
        <div className="trace-cell" role="columnheader" title="The operation with the most time on the critical path">
          Where the time went
        </div>
      </div>
    </div>
  );
}

/** Loads the next page when it comes near the view; a button does the same. */
function ListEnd({ list, root }: { list: TraceListState; root: React.RefObject<HTMLElement | null> }) {
  const end = useRef<HTMLDivElement>(null);
  const { hasMore, isLoadingMore, moreError, loadMore } = list;
  useEffect(() => {
    if (!hasMore || isLoadingMore || moreError || !end.current || typeof IntersectionObserver === 'undefined') return;
    const watch = new IntersectionObserver(([entry]) => entry?.isIntersecting && loadMore(), { root: root.current, rootMargin: '0px 0px 600px 0px' });
    watch.observe(end.current);
    return () => watch.disconnect();
  }, [hasMore, isLoadingMore, moreError, loadMore, root]);
  return (
    <div className="trace-end" ref={end}>
      {moreError && <p role="alert">More could not be loaded. {describeError(moreError).detail}</p>}
      {hasMore ? (
        <Button onClick={loadMore} aria-disabled={isLoadingMore}>
          {isLoadingMore ? 'Loading…' : moreError ? 'Try again' : 'Load more'}
        </Button>
      ) : (
        !list.isStale && list.traces.length > 0 && <p>These are all traces of this time range that match.</p>
      )}
    </div>
  );
}

/** Held while the list is scrolled, pointed at, holds the focus, or text is selected in it. */
function useHeld(scroller: React.RefObject<HTMLElement | null>, onHeld: (isHeld: boolean) => void): void {
  const say = useRef(onHeld);
  say.current = onHeld;
  useEffect(() => {
    const element = scroller.current!;
    let isHovered = false;
    const update = () => {
      const selection = document.getSelection();
      const isSelecting = selection !== null && !selection.isCollapsed && element.contains(selection.anchorNode);
      say.current(element.scrollTop > 4 || isHovered || isSelecting || element.contains(document.activeElement));
    };
    const onEnter = () => ((isHovered = true), update());
    const onLeave = () => ((isHovered = false), update());
    // The focus has not arrived yet while it moves.
    const later = () => setTimeout(update);
    element.addEventListener('pointerenter', onEnter);
    element.addEventListener('pointerleave', onLeave);
    element.addEventListener('scroll', update, { passive: true });
    element.addEventListener('focusin', later);
    element.addEventListener('focusout', later);
    document.addEventListener('selectionchange', update);
    return () => {
      element.removeEventListener('pointerenter', onEnter);
      element.removeEventListener('pointerleave', onLeave);
      element.removeEventListener('scroll', update);
      element.removeEventListener('focusin', later);
      element.removeEventListener('focusout', later);
      document.removeEventListener('selectionchange', update);
      say.current(false);
    };
  }, [scroller]);
}

/** Going back finds the list where it was left, and the row that was opened by key still focused. */
function usePlace(scroller: React.RefObject<HTMLElement | null>, listKey: string, isStale: boolean): void {
  const shown = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (isStale || shown.current === listKey) return;
    const isFirst = shown.current === null;
    shown.current = listKey;
    const place = isFirst ? keptPlace() : null;
    scroller.current!.scrollTop = place?.top ?? 0;
    // After the shell has put the focus on the page.
    if (place?.traceId) requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-trace="${place.traceId}"]`)?.focus({ preventScroll: true }));
  }, [scroller, listKey, isStale]);
  const leave = useCallback(
    (event: Event) => {
      const link = (event.target as Element).closest<HTMLElement>('[data-trace]');
      // A click without a pointer is the Enter key.
      if (link) keepPlace({ top: scroller.current!.scrollTop, traceId: (event as unknown as MouseEvent).detail === 0 ? link.dataset['trace']! : null });
    },
    [scroller],
  );
  useEffect(() => {
    const element = scroller.current!;
    let timer = 0;
    const onScroll = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => keepPlace({ top: element.scrollTop, traceId: null }), 150);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    // Captured: before the link leaves the page.
    element.addEventListener('click', leave, true);
    return () => {
      window.clearTimeout(timer);
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('click', leave, true);
    };
  }, [scroller, leave]);
}
