// The row of chips: what the list is filtered by, each to change or remove; a line to type in; a button for those who would rather choose.
import { Plus, X } from 'lucide-react';
import { useState, type ButtonHTMLAttributes, type Ref } from 'react';
import { useLocation } from 'wouter';
import { Button, Popover } from '../../design';
import type { TimeRange } from '../../time/range';
import { hasFilters, NO_FILTERS, type TraceFilters } from './exploreUrl';
import { FilterEditor } from './FilterEditor';
import { inWords, labelOf, partsOf, problemOf, replacePart, withoutPart, withPart, type FilterPart } from './filters';
import { QuickInput } from './QuickInput';
import { useVocabulary } from './useVocabulary';

export interface FilterBarProps {
  filters: TraceFilters;
  range: TimeRange;
  onChange: (filters: TraceFilters) => void;
  inputRef: Ref<HTMLInputElement>;
}

export function FilterBar({ filters, range, onChange, inputRef }: FilterBarProps) {
  const [isWanted, setWanted] = useState(false);
  /** Which panel is open: a chip's index, "add", or none. */
  const [open, setOpen] = useState<number | 'add' | null>(null);
  const vocabulary = useVocabulary(filters.service, range, isWanted);
  const [, navigate] = useLocation();
  const toggle = (which: number | 'add') => (isOpen: boolean) => {
    if (isOpen) setWanted(true);
    setOpen((now) => (isOpen ? which : now === which ? null : now));
  };
  const problemWith = (parts: readonly FilterPart[]) => {
    const all = parts.reduce(withPart, filters);
    for (const part of parts) {
      const wrong = problemOf(part, all);
      if (wrong) return wrong;
    }
    return null;
  };
  return (
    <section className="filter-bar" aria-label="Filters">
      <div className="filter-line">
        <QuickInput
          ref={inputRef}
          vocabulary={vocabulary}
          onAdd={(parts) => onChange(parts.reduce(withPart, filters))}
          onTrace={(id) => navigate(`/trace/${id}`)}
          onFocus={() => setWanted(true)}
          problemWith={problemWith}
        />
        <Popover label="Add a filter" open={open === 'add'} onOpenChange={toggle('add')} trigger={<Button icon={<Plus aria-hidden />}>Add filter</Button>}>
          <FilterEditor
            part={null}
            filters={filters}
            vocabulary={vocabulary}
            onApply={(part) => {
              setOpen(null);
              onChange(withPart(filters, part));
            }}
          />
        </Popover>
      </div>
      {hasFilters(filters) && (
        <div className="filter-chips">
          {partsOf(filters).map((part, index) => (
            <Popover
              key={`${part.field} ${part.value}`}
              label={`Change ${inWords(part)}`}
              open={open === index}
              onOpenChange={toggle(index)}
              trigger={<FilterChip part={part} onRemove={() => onChange(withoutPart(filters, part))} />}
            >
              <FilterEditor
                part={part}
                filters={filters}
                vocabulary={vocabulary}
                onApply={(next) => {
                  setOpen(null);
                  onChange(replacePart(filters, part, next));
                }}
              />
            </Popover>
          ))}
          <Button variant="quiet" className="filter-clear" onClick={() => onChange(NO_FILTERS)}>
            Clear all
          </Button>
        </div>
      )}
    </section>
  );
}

type FilterChipProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'part'> & { part: FilterPart; onRemove: () => void };

function FilterChip({ part, onRemove, ...button }: FilterChipProps) {
  const { label, value } = labelOf(part);
  return (
    <span className="chip filter-chip">
      <button type="button" className="chip-words chip-button" title={inWords(part)} {...button}>
        <span className="chip-label">{label}</span>
        <span className="chip-value">{value}</span>
      </button>
      <button type="button" className="chip-remove" aria-label={`Remove ${inWords(part)}`} onClick={onRemove}>
        <X aria-hidden />
      </button>
    </span>
  );
}
