// A loaded trace: head, verdict, search, waterfall and details, held together by the state in the address.
import { useCallback, useMemo, useRef } from 'react';
import { MARK_BITS } from '../../api/types';
import { assignColours } from '../../colours/services';
import { useKeys, type KeyBinding } from '../../keys/keys';
import { usePageKeys } from '../../keys/pageKeys';
import { useUrlState } from '../../url/useUrlState';
import { DetailsPanel } from './details/DetailsPanel';
import { FindBar } from './find/FindBar';
import { matchService, stepMatch } from './find/matches';
import { useMatches } from './find/useMatches';
import { errorOrigins, largestRow, type Remark } from './header/facts';
import { TraceHeader } from './header/TraceHeader';
import { TraceModel } from './model';
import { Notices } from './Notices';
import { SplitPane } from './SplitPane';
import { traceUrl, viewOf, withView, type ChangeView, type TraceUrlState } from './traceUrl';
import { useIsLive, type LoadedTrace } from './useTrace';
import { VerdictCard } from './verdict/VerdictCard';
import { Waterfall } from './waterfall';

/** Room left and right of a span that is zoomed to. */
const ZOOM_MARGIN = 0.05;

interface Props {
  trace: LoadedTrace;
  /** The last time the trace was asked for again, it could not be had. */
  error: Error | null;
  retry(): void;
}

export function TraceView({ trace, error, retry }: Props) {
  const { layout, growth } = trace;
  const [state, setState] = useUrlState(traceUrl);
  const model = useMemo(() => new TraceModel(layout, state.clock), [layout, state.clock]);
  const colours = useMemo(() => assignColours(layout.serviceOrdinals), [layout]);
  const view = useMemo(() => viewOf(state, model), [state, model]);
  const found = useMatches(model, state.find, state.service);
  const findInput = useRef<HTMLInputElement>(null);
  const waterfall = useRef<HTMLDivElement>(null);
  const selected = state.span === null ? -1 : model.rowOfKey(state.span);
  const isPanelOpen = selected >= 0 && state.panel;

  const change = useCallback((part: Partial<TraceUrlState>, replace = true) => setState((now) => ({ ...now, ...part }), replace), [setState]);
  const select = useCallback(
    (row: number, { open }: { open?: boolean } = {}) => {
      setState((now) => {
        const wasOpen = now.span !== null && now.panel;
        return { ...now, span: row < 0 ? null : model.spanKey(row), panel: row < 0 || (open ?? wasOpen) };
      }, true);
    },
    [model, setState],
  );
  const open = useCallback((row: number) => select(row, { open: true }), [select]);
  const onView = useCallback<ChangeView>((part, { replace }) => setState((now) => withView(now, part, model), replace), [model, setState]);
  const zoomTo = (row: number) => {
    const margin = Math.max(1, model.duration[row]! * ZOOM_MARGIN);
    onView({ zoom: { fromNanos: model.start[row]! - margin, toNanos: model.end(row) + margin } }, { replace: false });
  };
  const go = (rows: Uint8Array | null, step: 1 | -1) => {
    const row = rows ? stepMatch(rows, selected, step) : -1;
    if (row >= 0) select(row);
  };
  const marked = (bit: number) => model.marks.map((marks) => (marks & bit ? 1 : 0));
  const toNextOrigin = () => {
    const row = stepMatch(errorOrigins(model), selected, 1);
    if (row >= 0) open(row);
  };
  const onService = (service: string) => {
    change({ service });
    const row = stepMatch(matchService(model, service), state.service === service ? selected : -1, 1);
    if (row >= 0) select(row);
  };
  const onRemark = (remark: Remark) => {
    // Offsets by another clock are others: the zoom would show something else.
    if (remark.id === 'skew') change({ clock: state.clock === 'raw' ? 'corrected' : 'raw', zoom: null }, false);
    else go(marked(remark.id === 'orphans' ? MARK_BITS.orphan : MARK_BITS.cycleCut), 1);
  };
  const clearMatches = () => change({ find: '', service: null, only: false });
  const closePanel = () => {
    const hadFocus = document.activeElement?.closest('.details') !== null;
    change({ panel: false });
    if (hadFocus) waterfall.current?.querySelector<HTMLElement>('[role=row][tabindex="0"]')?.focus();
  };

  const toFind = () => {
    findInput.current?.focus();
    findInput.current?.select();
  };
  usePageKeys({ search: toFind, refresh: retry });
  const bindings: KeyBinding[] = [
    {
      keys: 'Mod+F',
      label: 'Find in the trace',
      inFields: true,
      run: toFind,
    },
    { keys: 'p', label: 'Critical path on or off', run: () => change({ showCritical: !state.showCritical }) },
  ];
  const escape = isPanelOpen ? closePanel : found.matches ? clearMatches : selected >= 0 ? () => select(-1) : null;
  if (escape) bindings.push({ keys: 'Escape', label: 'Close the details, then clear the search, then the selection', run: escape });
  useKeys('Trace', bindings);

  const isLive = useIsLive(growth);
  return (
    <main className="trace">
      <TraceHeader
        model={model}
        colours={colours}
        highlighted={state.service}
        grownBy={isLive ? growth.count - growth.firstCount : null}
        onService={onService}
        onNextError={toNextOrigin}
        onRemark={onRemark}
      />
      <Notices model={model} error={error} retry={retry} unknownSpan={state.span !== null && selected < 0 ? state.span : null} isLive={isLive} onDismiss={() => select(-1)} />
      <VerdictCard model={model} colours={colours} selected={selected} onRow={open} onContributor={({ service, name }) => open(largestRow(model, service, name))} />
      <div className="trace-tools">
        <FindBar
          input={findInput}
          find={state.find}
          service={state.service}
          only={state.only}
          found={found}
          selected={selected}
          onFind={(find) => change({ find })}
          onStep={(step) => go(found.matches, step)}
          onOnly={(only) => change({ only })}
          onClear={clearMatches}
          onClearService={() => change({ service: null, ...(state.find === '' ? { only: false } : {}) })}
        />
        <label className="trace-toggle" title="Shown as a line below the bars (p)">
          <input type="checkbox" checked={state.showCritical} onChange={(event) => change({ showCritical: event.target.checked })} />
          Critical path
        </label>
      </div>
      <SplitPane
        label="Width of the details"
        main={
          <div ref={waterfall} className="trace-waterfall">
            <Waterfall
              model={model}
              selected={selected}
              onSelect={select}
              view={view}
              onView={onView}
              // While attributes are still searched, the selected span is not yet left out: it may be a match.
              matches={found.isSearching && selected >= 0 && found.matches?.[selected] !== 1 ? null : found.matches}
              showCritical={state.showCritical}
              colours={colours}
            />
          </div>
        }
        aside={isPanelOpen ? <DetailsPanel model={model} row={selected} colours={colours} onSelect={open} onZoom={zoomTo} onClose={closePanel} /> : null}
      />
    </main>
  );
}
