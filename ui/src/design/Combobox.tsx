// A text field with a list of suggestions (the combobox pattern of the ARIA guide): free text stays possible.
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { useFloating } from './place';
import './combobox.css';
import './floating.css';

export interface ComboboxOption {
  value: string;
  /** Muted, at the right: a count. */
  detail?: string;
}

export interface ComboboxProps {
  label: string;
  value: string;
  options: readonly ComboboxOption[];
  /** The value was settled: an option chosen, Enter pressed, or the field left with other text. */
  onChange: (value: string) => void;
  /** Every keystroke, for suggestions that come from the server. */
  onInput?: (text: string) => void;
  placeholder?: string;
  /** The label is only read out. */
  isLabelHidden?: boolean;
  autoFocus?: boolean;
}

const SHOWN = 100;

/** Options that contain the text, those that begin with it first. */
export function filterOptions(options: readonly ComboboxOption[], text: string): ComboboxOption[] {
  const wanted = text.toLowerCase();
  const found = options.filter((option) => option.value.toLowerCase().includes(wanted));
  const rank = (option: ComboboxOption) => (option.value.toLowerCase().startsWith(wanted) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b)).slice(0, SHOWN);
}

export function Combobox({ label, value, options, onChange, onInput, placeholder, isLabelHidden = false, autoFocus = false }: ComboboxProps) {
  const [text, setText] = useState(value);
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  // Right after opening all options are there, whatever the field holds.
  const [isTyped, setTyped] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const id = useId();
  useEffect(() => setText(value), [value]);
  const shown = isTyped ? filterOptions(options, text) : options.slice(0, SHOWN);
  const open = isOpen && shown.length > 0;
  useFloating(field, list, open, 'bottom', 'start', true);
  useEffect(() => {
    if (active >= 0) list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active]);

  const close = () => {
    setOpen(false);
    setActive(-1);
    setTyped(false);
  };
  const settle = (next: string) => {
    close();
    setText(next);
    onInput?.(next);
    if (next !== value) onChange(next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (!open) setOpen(true);
      if (shown.length > 0 && !(event.altKey && !open)) setActive((at) => (at < 0 ? (step > 0 ? 0 : shown.length - 1) : (at + step + shown.length) % shown.length));
    } else if (event.key === 'Enter') {
      const chosen = open ? shown[active] : undefined;
      // A settled field lets Enter through to its form.
      if (chosen || text !== value) event.preventDefault();
      settle(chosen?.value ?? text);
    } else if (event.key === 'Escape' && (open || text !== value)) {
      event.preventDefault();
      event.stopPropagation();
      if (!open) setText(value);
      close();
    }
  };
  return (
    <div className="combobox">
      <label className={isLabelHidden ? 'sr-only' : 'combobox-label'} htmlFor={`${id}-field`}>
        {label}
      </label>
      <input
        ref={field}
        id={`${id}-field`}
        className="field combobox-field"
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={open ? `${id}-list` : undefined}
        aria-activedescendant={open && active >= 0 ? `${id}-${active}` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        value={text}
        data-autofocus={autoFocus || undefined}
        autoFocus={autoFocus}
        onChange={(event) => {
          setText(event.target.value);
          setTyped(true);
          setOpen(true);
          setActive(-1);
          onInput?.(event.target.value);
        }}
        onClick={() => setOpen(true)}
        onBlur={() => settle(text)}
        onKeyDown={onKeyDown}
      />
      {open && (
        <ul className="combobox-list" id={`${id}-list`} role="listbox" aria-label={label} popover="manual" ref={list}>
          {shown.map((option, index) => (
            <li
              key={option.value}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              className="combobox-option"
              // Before the field loses the focus.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => settle(option.value)}
            >
              <span className="combobox-value">{option.value}</span>
              {option.detail !== undefined && <span className="combobox-detail">{option.detail}</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
