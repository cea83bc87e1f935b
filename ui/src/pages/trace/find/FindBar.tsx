// Search within the trace: what is looked for, how many match, the way through them.
import { ChevronDown, ChevronUp, Search, X } from 'lucide-react';
import { useMemo, type RefObject } from 'react';
import { Chip, IconButton } from '../../../design';
import { formatCount } from '../../../format/count';
import { serviceLabel } from '../header/facts';
import { countMatches } from './matches';
import type { Found } from './useMatches';
import './find.css';

/** What the server takes at most. */
const MAX_TEXT = 500;

interface Props {
  input: RefObject<HTMLInputElement | null>;
  find: string;
  service: string | null;
  only: boolean;
  found: Found;
  selected: number;
  onFind(text: string): void;
  onStep(step: 1 | -1): void;
  onOnly(only: boolean): void;
  onClear(): void;
  onClearService(): void;
}

export function FindBar({ input, find, service, only, found, selected, onFind, onStep, onOnly, onClear, onClearService }: Props) {
  const { matches } = found;
  const count = useMemo(() => (matches ? countMatches(matches, selected) : null), [matches, selected]);
  return (
    <div className="find" role="search" aria-label="Find in trace">
      <label className="find-field">
        <Search size={14} aria-hidden="true" />
        <input
          ref={input}
          type="text"
          aria-label="Find in trace"
          value={find}
          maxLength={MAX_TEXT}
          placeholder="Find name, service or attribute"
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => onFind(event.target.value)}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1);
            else if (event.key === 'Escape') {
              onClear();
              event.currentTarget.blur();
            } else return;
            event.preventDefault();
          }}
        />
        {find === '' && (
          <kbd className="find-key" aria-hidden="true">
            {isMac ? '⌘F' : 'Ctrl F'}
          </kbd>
        )}
      </label>
      {service !== null && <Chip label="service" value={serviceLabel(service)} onRemove={onClearService} />}
      {count && (
        <>
          <span className="find-count" data-none={count.total === 0 || undefined} aria-live="polite">
            {countWords(count.total, count.position)}
            {found.isSearching && <span className="find-muted"> · looking at attributes…</span>}
            {found.hasFailed && <span className="find-muted"> · attributes could not be searched</span>}
          </span>
          <IconButton label="Previous match" shortcut="N" icon={<ChevronUp />} onClick={() => onStep(-1)} />
          <IconButton label="Next match" shortcut="n" icon={<ChevronDown />} onClick={() => onStep(1)} />
          <label className="find-only">
            <input type="checkbox" checked={only} onChange={(event) => onOnly(event.target.checked)} />
            Only matches
          </label>
          <IconButton label="Clear search" icon={<X />} onClick={onClear} />
        </>
      )}
    </div>
  );
}

function countWords(total: number, position: number): string {
  if (total === 0) return 'No match';
  if (position > 0) return `${formatCount(position)} of ${formatCount(total)}`;
  return total === 1 ? '1 match' : `${formatCount(total)} matches`;
}

const isMac = typeof navigator !== 'undefined' && navigator.platform.startsWith('Mac');
