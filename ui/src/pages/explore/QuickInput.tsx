// Filters by typing: one line with suggestions for its last word; Enter makes chips of it.
import { useEffect, useId, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import { useFloating } from '../../design/place';
import type { FilterPart } from './filters';
import { parseQuick, suggest, type Vocabulary } from './quickFilter';

export interface QuickInputProps {
  vocabulary: Vocabulary;
  onAdd: (parts: FilterPart[]) => void;
  onTrace: (traceId: string) => void;
  /** Someone is about to filter: the vocabulary is wanted. */
  onFocus: () => void;
  /** Checks the parts against the filters there are; a sentence when they don't go together. */
  problemWith: (parts: readonly FilterPart[]) => string | null;
  ref?: Ref<HTMLInputElement>;
}

export function QuickInput({ vocabulary, onAdd, onTrace, onFocus, problemWith, ref }: QuickInputProps) {
  const [line, setLine] = useState('');
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [problem, setProblem] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const id = useId();
  const options = isOpen ? suggest(line, vocabulary) : [];
  const open = options.length > 0;
  useFloating(box, list, open, 'bottom', 'start', true);
  useEffect(() => list.current?.children[active]?.scrollIntoView({ block: 'nearest' }), [active]);

  const edit = (text: string) => {
    setLine(text);
    setOpen(true);
    setActive(-1);
    setProblem(null);
  };
  const commit = (text: string) => {
    const found = parseQuick(text);
    const wrong = found.problem ?? problemWith(found.parts);
    setActive(-1);
    if (wrong) {
      setLine(text);
      setOpen(false);
      setProblem(wrong);
      return;
    }
    setLine('');
    setOpen(false);
    setProblem(null);
    if (found.traceId) onTrace(found.traceId);
    else if (found.parts.length > 0) onAdd(found.parts);
  };
  const take = (index: number) => {
    const option = options[index];
    if (!option) return;
    if (option.isOpen) edit(option.line);
    else commit(option.line);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (!open) setOpen(true);
      else setActive((at) => (at < 0 ? (step > 0 ? 0 : options.length - 1) : (at + step + options.length) % options.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      if (open && active >= 0) take(active);
      else commit(line);
    } else if (event.key === 'Escape' && (open || line !== '')) {
      event.preventDefault();
      event.stopPropagation();
      if (open) setOpen(false);
      else edit('');
      setActive(-1);
    }
  };
  return (
    <div className="quick-filter" ref={box}>
      <input
        ref={ref}
        className="field quick-filter-field"
        role="combobox"
        aria-label="Filter traces"
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={open ? `${id}-list` : undefined}
        aria-activedescendant={open && active >= 0 ? `${id}-${active}` : undefined}
        aria-invalid={problem !== null}
        aria-describedby={problem ? `${id}-problem` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder="Filter: service:shop  error  >500ms  key=value  or a trace id"
        value={line}
        onChange={(event) => edit(event.target.value)}
        onFocus={onFocus}
        onClick={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      {open && (
        <ul className="combobox-list" id={`${id}-list`} role="listbox" aria-label="Suggestions" popover="manual" ref={list}>
          {options.map((option, index) => (
            <li
              key={option.word}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              className="combobox-option"
              // Before the field loses the focus.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(index)}
            >
              <span className="combobox-value">{option.word}</span>
              {option.detail && <span className="combobox-detail">{option.detail}</span>}
            </li>
          ))}
        </ul>
      )}
      {problem && (
        <p className="field-problem" id={`${id}-problem`} role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
