// What the canvas shows, for those who do not see it and for selecting text: a treegrid of only the rows in sight, transparent, over the drawing.
import { memo, type RefObject } from 'react';
import type { Matches } from '../model';
import type { Facts } from './facts';
import { indentOf, TOGGLE_WIDTH } from './geometry';
import { OPENING, type Rows } from './rows';

interface TreeProxiesProps {
  rows: Rows;
  facts: Facts;
  /** First and last (exclusive) entry to hold. */
  first: number;
  last: number;
  /** The entry that Tab reaches; held even out of sight, or focus would be lost. */
  current: number;
  /** Row of the selected span, or ~group of the group one stands on; −1 for none. */
  selected: number;
  matches: Matches | null;
  rowHeight: number;
  nameWidth: number;
  gridRef: RefObject<HTMLDivElement | null>;
}

export const TreeProxies = memo(function TreeProxies({ rows, facts, first, last, current, selected, matches, rowHeight, nameWidth, gridRef }: TreeProxiesProps) {
  const entries: number[] = [];
  for (let entry = first; entry < Math.min(last, rows.count); entry++) entries.push(entry);
  if (current >= 0 && current < rows.count && (current < first || current >= last)) entries.push(current);
  return (
    <div ref={gridRef} role="treegrid" aria-label="Spans" aria-rowcount={rows.count} aria-colcount={2} className="waterfall-tree" style={{ height: rows.count * rowHeight }}>
      {entries.map((entry) => {
        const code = rows.code[entry]!;
        const opening = rows.opening[entry]!;
        return (
          <div
            key={code}
            role="row"
            data-entry={entry}
            className="waterfall-row"
            tabIndex={entry === current ? 0 : -1}
            aria-rowindex={entry + 1}
            aria-level={rows.depth[entry]! + 1}
            aria-selected={code === selected}
            aria-label={facts.spoken(rows, entry, matches)}
            {...(opening === OPENING.none ? {} : { 'aria-expanded': opening === OPENING.open })}
            style={{ transform: `translateY(${entry * rowHeight}px)`, height: rowHeight }}
          >
            <span role="gridcell" aria-colindex={1} className="waterfall-name" style={{ width: nameWidth, paddingLeft: indentOf(rows.depth[entry]!, nameWidth).x + TOGGLE_WIDTH + 11 }}>
              {nameText(facts, code)}
            </span>
            <span role="gridcell" aria-colindex={2} className="waterfall-time" aria-label={facts.label(code)} />
          </div>
        );
      })}
    </div>
  );
});

function nameText(facts: Facts, code: number): string {
  const { model } = facts;
  if (code >= 0) return `${model.serviceName(code)} · ${model.spanName(code)}`;
  const { name, size, service } = facts.group(~code);
  return `${size} × ${service >= 0 ? `${model.layout.services[service]} · ` : ''}${name}`;
}
