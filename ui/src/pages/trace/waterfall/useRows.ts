// From model and view to what is shown: plan, rows, segments, facts. Each is made anew only when what it stands on changes.
import { useMemo } from 'react';
import type { Matches, TraceModel } from '../model';
import type { WaterfallView } from '../traceUrl';
import { Facts } from './facts';
import { planFolds, toggledCodes, type FoldPlan } from './fold';
import { buildRows, segmentsOf, type EntrySegments, type Rows, type RowsWanted } from './rows';

export interface Shown {
  plan: FoldPlan;
  wanted: RowsWanted;
  rows: Rows;
  segments: EntrySegments;
  facts: Facts;
}

export function useRows(model: TraceModel, view: WaterfallView, matches: Matches | null, selected: number): Shown {
  const plan = useMemo(() => planFolds(model, view.fold), [model, view.fold]);
  const only = view.only ? matches : null;
  const facts = useMemo(() => new Facts(model, plan), [model, plan]);
  const open = view.open.join();
  const also = only && selected >= 0 && only[selected] !== 1 ? selected : -1;
  const wanted = useMemo<RowsWanted>(
    () => ({ toggled: toggledCodes(model, plan, open === '' ? [] : open.split(',')), focusRow: view.focusRow, only, also }),
    [model, plan, open, view.focusRow, only, also],
  );
  const rows = useMemo(() => buildRows(model, plan, wanted), [model, plan, wanted]);
  const segments = useMemo(() => segmentsOf(model, rows), [model, rows]);
  return useMemo(() => ({ plan, wanted, rows, segments, facts }), [plan, wanted, rows, segments, facts]);
}
