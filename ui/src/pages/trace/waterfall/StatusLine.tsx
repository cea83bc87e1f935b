// Above the waterfall, in words: how much is shown, what the window of time is, what the signs mean.
import { useSyncExternalStore } from 'react';
import { formatDuration } from '../../../format/duration';
import type { TraceModel } from '../model';
import type { ChangeView, WaterfallView } from '../traceUrl';
import type { LiveWindow } from './liveWindow';
import type { Shown } from './useRows';

interface StatusLineProps {
  model: TraceModel;
  shown: Shown;
  view: WaterfallView;
  live: LiveWindow;
  showCritical: boolean;
  hasMatches: boolean;
  onView: ChangeView;
}

const whole = (count: number) => count.toLocaleString('en-US');

export function StatusLine({ model, shown, view, live, showCritical, hasMatches, onView }: StatusLineProps) {
  const window = useSyncExternalStore(live.subscribe, () => live.current);
  const { shownSpans } = shown.rows;
  const isAll = shownSpans === model.count;
  const isTouched = view.fold !== 'auto' || view.open.length > 0;
  return (
    <div className="waterfall-line">
      <span role="status">{isAll ? `${whole(model.count)} ${model.count === 1 ? 'span' : 'spans'}` : `Showing ${whole(shownSpans)} of ${whole(model.count)} spans`}</span>
      {view.focusRow >= 0 ? (
        <button type="button" onClick={() => onView({ focusRow: -1 }, { replace: false })}>
          Whole trace, not only {model.spanName(view.focusRow)}
        </button>
      ) : null}
      {!isAll && view.focusRow < 0 ? (
        <button type="button" onClick={() => onView({ fold: 'none', open: [], only: false }, { replace: false })}>
          Show all
        </button>
      ) : null}
      {isTouched ? (
        <button type="button" onClick={() => onView({ fold: 'auto', open: [] }, { replace: false })}>
          Fold as at first
        </button>
      ) : null}
      {live.isWhole ? null : (
        <>
          <span>
            {formatDuration(window.toNanos - window.fromNanos)} of {formatDuration(model.length)}
          </span>
          <button type="button" onClick={() => live.jump(null)}>
            Reset zoom
          </button>
        </>
      )}
      <span className="waterfall-legend" aria-hidden>
        {showCritical ? (
          <span>
            <i className="waterfall-key waterfall-key-critical" /> critical path
          </span>
        ) : null}
        <span>
          <i className="waterfall-key waterfall-key-wait" /> waiting
        </span>
        <span>
          <i className="waterfall-key waterfall-key-error" /> error
        </span>
        <span>
          <i className="waterfall-key waterfall-key-event" /> event
        </span>
        {hasMatches ? (
          <>
            <span>
              <i className="waterfall-key waterfall-key-match" /> match
            </span>
            {view.only ? null : (
              <span>
                <i className="waterfall-key waterfall-key-hidden-match" /> match folded away
              </span>
            )}
          </>
        ) : null}
      </span>
    </div>
  );
}
