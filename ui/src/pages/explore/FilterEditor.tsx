// The panel in which one filter is made or changed: first what to filter by, then its value.
import { useId, useRef, useState, type FormEvent, type KeyboardEvent, type ReactNode } from 'react';
import { SPAN_KINDS, SPAN_STATUSES } from '../../api/types';
import { Button, Combobox } from '../../design';
import { formatCount, formatPlural } from '../../format/count';
import type { TraceFilters } from './exploreUrl';
import { normalise, problemOf, splitAttribute, type Field, type FilterPart } from './filters';
import type { Vocabulary } from './quickFilter';

const CHOICES: readonly { field: Field; label: string; detail: string }[] = [
  { field: 'service', label: 'Service', detail: 'checkout' },
  { field: 'operation', label: 'Operation', detail: 'POST /checkout' },
  { field: 'status', label: 'Status', detail: 'error, ok, unset' },
  { field: 'kind', label: 'Kind', detail: 'server, client, …' },
  { field: 'minDuration', label: 'Shortest duration', detail: 'at least 500ms' },
  { field: 'maxDuration', label: 'Longest duration', detail: 'at most 2s' },
  { field: 'attribute', label: 'Attribute', detail: 'key = value' },
];

export interface FilterEditorProps {
  /** The filter to change; null to make one. */
  part: FilterPart | null;
  filters: TraceFilters;
  vocabulary: Vocabulary & { isLoading: boolean };
  onApply: (part: FilterPart) => void;
}

export function FilterEditor({ part, filters, vocabulary, onApply }: FilterEditorProps) {
  const [field, setField] = useState<Field | null>(part?.field ?? null);
  if (field === null) {
    return (
      <Choices label="Filter by">
        {CHOICES.map((choice) => (
          <button key={choice.field} type="button" className="filter-choice" onClick={() => setField(choice.field)}>
            {choice.label}
            <span className="filter-choice-detail">{choice.detail}</span>
          </button>
        ))}
      </Choices>
    );
  }
  if (field === 'status' || field === 'kind') {
    const values = field === 'status' ? [...SPAN_STATUSES].reverse() : SPAN_KINDS.slice(1);
    return (
      <Choices label={field === 'status' ? 'Status of a span' : 'Kind of a span'}>
        {values.map((value) => (
          <button key={value} type="button" className="filter-choice" aria-pressed={part?.value === value} onClick={() => onApply({ field, value })}>
            {value}
          </button>
        ))}
      </Choices>
    );
  }
  return <ValueForm key={field} field={field} part={part} filters={filters} vocabulary={vocabulary} onApply={onApply} />;
}

/** Buttons in a column; the arrows move as well as Tab. */
function Choices({ label, children }: { label: string; children: ReactNode }) {
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const buttons = [...event.currentTarget.querySelectorAll('button')];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const at = buttons.findIndex((button) => button === document.activeElement);
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  };
  return (
    <div className="filter-choices" role="group" aria-label={label} onKeyDown={onKeyDown}>
      <p className="filter-editor-title">{label}</p>
      {children}
    </div>
  );
}

function ValueForm({ field, part, filters, vocabulary, onApply }: Omit<FilterEditorProps, 'part'> & { field: Exclude<Field, 'status' | 'kind'>; part: FilterPart | null }) {
  const [oldKey, oldValue] = field === 'attribute' ? splitAttribute(part?.value ?? '') : ['', part?.value ?? ''];
  const [key, setKey] = useState(oldKey);
  const [value, setValue] = useState(oldValue);
  const [problem, setProblem] = useState<string | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const problemId = useId();
  const apply = (text: string, attributeKey = key) => {
    const next = normalise({ field, value: field === 'attribute' ? `${attributeKey.trim()}=${text}` : field === 'service' ? text : text.trim() });
    const wrong = field === 'attribute' && attributeKey.includes('=') ? 'A key with an equals sign cannot be asked for.' : problemOf(next, filters);
    if (wrong) setProblem(wrong);
    else onApply(next);
  };
  // A combobox settles its value on Enter, on a click and when it is left: only the first two mean "apply".
  const settled = (text: string) => {
    setValue(text);
    setProblem(null);
    if (form.current?.contains(document.activeElement)) apply(text);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    apply(value);
  };
  const named = field === 'service' ? vocabulary.services : vocabulary.operations;
  const attribute = vocabulary.attributes.find((one) => one.key === key);
  return (
    <form className="filter-form" onSubmit={submit} ref={form}>
      {(field === 'service' || field === 'operation') && (
        <Combobox
          label={field === 'service' ? 'Service' : filters.service ? `Operation of ${filters.service}` : 'Operation'}
          value={value}
          options={named.filter((one) => one.name !== '').map((one) => ({ value: one.name, detail: formatPlural(one.spanCount, 'span') }))}
          onChange={settled}
          onInput={setValue}
          placeholder={vocabulary.isLoading ? 'Loading names…' : 'Type or choose'}
          autoFocus
        />
      )}
      {(field === 'minDuration' || field === 'maxDuration') && (
        <>
          <label className="filter-label">
            {field === 'minDuration' ? 'A span takes at least' : 'A span takes at most'}
            <input
              className="field"
              value={value}
              placeholder="500ms, 1.5s, 2m"
              aria-invalid={problem !== null}
              aria-describedby={problem ? problemId : undefined}
              autoComplete="off"
              data-autofocus
              onChange={(event) => {
                setValue(event.target.value);
                setProblem(null);
              }}
            />
          </label>
          <div className="filter-presets">
            {['10ms', '100ms', '500ms', '1s', '5s'].map((preset) => (
              <Button key={preset} onClick={() => apply(preset)}>
                {preset}
              </Button>
            ))}
          </div>
        </>
      )}
      {field === 'attribute' && (
        <>
          <Combobox
            label="Attribute"
            value={key}
            options={vocabulary.attributes.map((one) => ({ value: one.key, detail: formatPlural(one.spanCount, 'span') }))}
            onChange={(text) => {
              setKey(text);
              setProblem(null);
            }}
            placeholder={vocabulary.isLoading ? 'Loading keys…' : 'http.route'}
            autoFocus={part === null}
          />
          {key !== '' && (
            <Combobox
              label="Value"
              value={value}
              options={attribute?.values.map((one) => ({ value: one.value, detail: formatPlural(one.spanCount, 'span') })) ?? []}
              onChange={settled}
              onInput={setValue}
              placeholder={attribute ? `${formatCount(attribute.values.length)}${attribute.isCut ? '+' : ''} known` : 'Exactly as sent'}
              autoFocus
            />
          )}
        </>
      )}
      {problem && (
        <p className="field-problem" id={problemId} role="alert">
          {problem}
        </p>
      )}
      <Button type="submit" variant="primary">
        {part ? 'Change' : 'Add'}
      </Button>
    </form>
  );
}
