// The way from the root to the selected span.
import type { TraceModel } from '../model';
import { crumbsOf } from './crumbs';

export function Breadcrumbs({ model, row, onSelect }: { model: TraceModel; row: number; onSelect(row: number): void }) {
  const crumbs = crumbsOf(model.ancestors(row));
  if (crumbs.length === 0) return null;
  return (
    <nav className="crumbs" aria-label="Ancestors">
      <ol>
        {crumbs.map((crumb) => (
          <li key={crumb.kind === 'row' ? crumb.row : 'left-out'}>
            {crumb.kind === 'row' ? (
              <button type="button" onClick={() => onSelect(crumb.row)} title={`${model.serviceName(crumb.row)} · ${model.spanName(crumb.row)}`}>
                {model.spanName(crumb.row) || 'no name'}
              </button>
            ) : (
              <span>… {crumb.count} more</span>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
