// What of the trace page lives in the address: /trace/{id}?span=&panel=0&z=from-to&find=&service=&only=1&fold=&open=&focus=&cp=0&clock=raw
import type { UrlCodec } from '../../url/useUrlState';
import type { Clock, TraceModel } from './model';

/** 'auto' folds repeats and what does not matter, 'none' nothing, a number everything below that depth. */
export type Fold = 'auto' | 'none' | number;

export interface Zoom {
  fromNanos: number;
  toNanos: number;
}

/** How the waterfall is looked at. */
export interface WaterfallView {
  /** Whole nanoseconds after the base; null shows the whole trace. */
  zoom: Zoom | null;
  fold: Fold;
  /** Keys (TraceModel.spanKey) of rows that are the other way round than `fold` has them, oldest first. */
  open: readonly string[];
  /** Show matches and what leads to them, nothing else. */
  only: boolean;
  /** The row whose subtree alone is shown, −1 for all. */
  focusRow: number;
}

export type ChangeView = (change: Partial<WaterfallView>, how: { replace: boolean }) => void;

export interface TraceUrlState {
  /** Key of the selected span. */
  span: string | null;
  /** Whether the details of the selected span are open. */
  panel: boolean;
  zoom: Zoom | null;
  find: string;
  /** The service whose spans are picked out. */
  service: string | null;
  only: boolean;
  fold: Fold;
  open: readonly string[];
  /** Key of the row whose subtree alone is shown. */
  focus: string | null;
  showCritical: boolean;
  clock: Clock;
}

/** More toggled rows than this are forgotten, oldest first: an address must stay below the 8 KB a server takes. */
export const MAX_OPEN = 256;

const MAX_FOLD_DEPTH = 100_000;

export const traceUrl: UrlCodec<TraceUrlState> = {
  parse(query) {
    const span = keyOf(query.get('span'));
    return {
      span,
      panel: span === null || query.get('panel') !== '0',
      zoom: parseZoom(query.get('z')),
      find: query.get('find') ?? '',
      service: query.get('service'),
      only: query.get('only') === '1',
      fold: parseFold(query.get('fold')),
      open: [...new Set((query.get('open') ?? '').split(',').filter((key) => keyOf(key) !== null))].slice(-MAX_OPEN),
      focus: keyOf(query.get('focus')),
      showCritical: query.get('cp') !== '0',
      clock: query.get('clock') === 'raw' ? 'raw' : 'corrected',
    };
  },
  print(state) {
    const query = new URLSearchParams();
    if (state.span !== null) query.set('span', state.span);
    if (state.span !== null && !state.panel) query.set('panel', '0');
    if (state.zoom) query.set('z', `${state.zoom.fromNanos}-${state.zoom.toNanos}`);
    if (state.find) query.set('find', state.find);
    if (state.service !== null) query.set('service', state.service);
    if (state.only) query.set('only', '1');
    if (state.fold !== 'auto') query.set('fold', state.fold === 'none' ? 'none' : `d:${state.fold}`);
    if (state.open.length > 0) query.set('open', state.open.join(','));
    if (state.focus !== null) query.set('focus', state.focus);
    if (!state.showCritical) query.set('cp', '0');
    if (state.clock === 'raw') query.set('clock', 'raw');
    return query;
  },
};

/** The part of the state the waterfall needs, its rows by this model. */
export function viewOf(state: TraceUrlState, model: TraceModel): WaterfallView {
  const { zoom, fold, open, only, focus } = state;
  return { zoom, fold, open, only, focusRow: focus === null ? -1 : model.rowOfKey(focus) };
}

/** The state after the waterfall changed its view. */
export function withView(state: TraceUrlState, change: Partial<WaterfallView>, model: TraceModel): TraceUrlState {
  const { focusRow, zoom, open, ...rest } = change;
  return {
    ...state,
    ...rest,
    ...(zoom === undefined ? {} : { zoom: zoom && wholeZoom(zoom) }),
    ...(open === undefined ? {} : { open: open.slice(-MAX_OPEN) }),
    ...(focusRow === undefined ? {} : { focus: focusRow < 0 ? null : model.spanKey(focusRow) }),
  };
}

/** At least a nanosecond wide. */
function wholeZoom(zoom: Zoom): Zoom {
  const fromNanos = Math.floor(zoom.fromNanos);
  return { fromNanos, toNanos: Math.max(fromNanos + 1, Math.ceil(zoom.toNanos)) };
}

function parseZoom(text: string | null): Zoom | null {
  const found = /^(-?\d{1,16})-(-?\d{1,16})$/.exec(text ?? '');
  if (!found) return null;
  const zoom = { fromNanos: Number(found[1]), toNanos: Number(found[2]) };
  return zoom.toNanos > zoom.fromNanos && Number.isSafeInteger(zoom.fromNanos) && Number.isSafeInteger(zoom.toNanos) ? zoom : null;
}

function parseFold(text: string | null): Fold {
  if (text === 'none') return 'none';
  const depth = /^d:(\d{1,6})$/.exec(text ?? '')?.[1];
  return depth === undefined || Number(depth) > MAX_FOLD_DEPTH ? 'auto' : Number(depth);
}

/** Not checked against a trace: a span may be unknown, and the page says so. */
function keyOf(text: string | null): string | null {
  return text && /^[0-9a-z.]{1,40}$/i.test(text) ? text : null;
}
