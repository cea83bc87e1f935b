// Chooses the time range of a page: presets, words, exact ends; moves it back, forward and wider. Going back in time choices is the browser's own back.
import { ChevronLeft, ChevronRight, Clock, ZoomOut } from 'lucide-react';
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { Button, IconButton } from '../design/Button';
import { Popover } from '../design/Popover';
import { zoneLabel } from '../format/time';
import { useKeys } from '../keys/keys';
import { usePreferences } from '../preferences/preferences';
import { parsePoint, parseRange } from './parseRange';
import { pinRange, pointLabel, PRESETS, rangeLabel, resolvePoint, shiftRange, zoomOut, type TimeRange } from './range';
import { setCurrentRange } from './share';
import './time.css';

export interface TimeRangePickerProps {
  value: TimeRange;
  onChange: (range: TimeRange) => void;
}

export function TimeRangePicker({ value, onChange }: TimeRangePickerProps) {
  const { utc } = usePreferences();
  const [open, setOpen] = useState(false);
  useKeys('Global', [{ keys: 't', label: 'Time range', run: () => setOpen(true) }]);
  useEffect(() => {
    setCurrentRange(value);
    return () => setCurrentRange(null);
  }, [value.from, value.to]);
  // Anew at every press: the clock goes on while the page stands.
  const move = (to: (now: number) => TimeRange | null) => {
    const next = to(Date.now());
    if (next) onChange(next);
  };
  const now = Date.now();
  return (
    <div className="time" role="group" aria-label="Time range">
      <IconButton label="Earlier" icon={<ChevronLeft aria-hidden />} disabled={shiftRange(value, -1, now) === null} onClick={() => move((at) => shiftRange(value, -1, at))} />
      <Popover
        label="Time range"
        align="end"
        open={open}
        onOpenChange={setOpen}
        trigger={
          <Button className="time-button" icon={<Clock aria-hidden />}>
            {rangeLabel(value, utc)}
          </Button>
        }
      >
        <TimeRangePanel
          value={value}
          utc={utc}
          onChange={(next) => {
            setOpen(false);
            onChange(next);
          }}
        />
      </Popover>
      <IconButton label="Later" icon={<ChevronRight aria-hidden />} disabled={shiftRange(value, 1, now) === null} onClick={() => move((at) => shiftRange(value, 1, at))} />
      <IconButton label="Twice as long" icon={<ZoomOut aria-hidden />} disabled={zoomOut(value, now) === null} onClick={() => move((at) => zoomOut(value, at))} />
    </div>
  );
}

function TimeRangePanel({ value, utc, onChange }: TimeRangePickerProps & { utc: boolean }) {
  const { set } = usePreferences();
  const presets = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !presets.current) return;
    event.preventDefault();
    const buttons = [...presets.current.querySelectorAll('button')];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[(at + step + buttons.length) % buttons.length]?.focus();
  };
  return (
    <div className="time-panel">
      <Words utc={utc} onChange={onChange} />
      <div className="time-columns">
        <div className="time-presets" ref={presets} onKeyDown={onKeyDown}>
          {PRESETS.map((preset) => {
            const isCurrent = value.from === preset.from && value.to === 'now';
            return (
              <button key={preset.from} type="button" className="time-preset" aria-current={isCurrent || undefined} onClick={() => onChange({ from: preset.from, to: 'now' })}>
                <span>{preset.label}</span>
                <span className="time-short">{preset.short}</span>
              </button>
            );
          })}
        </div>
        <Ends value={value} utc={utc} onChange={onChange} />
      </div>
      <div className="time-foot">
        <span>Times are in {utc ? 'UTC' : `local time (${zoneLabel(Date.now())})`}</span>
        <Button variant="quiet" onClick={() => set({ utc: !utc })}>
          {utc ? 'Use local time' : 'Use UTC'}
        </Button>
      </div>
    </div>
  );
}

function Words({ utc, onChange }: { utc: boolean; onChange: (range: TimeRange) => void }) {
  const [text, setText] = useState('');
  const id = useId();
  const now = Date.now();
  const found = parseRange(text, now, utc);
  const isWrong = text.trim() !== '' && !found;
  const meaning = found ? describeMeaning(found, now, utc) : isWrong ? 'No time range is written like this' : 'last 90m · yesterday 14:00-15:00 · 2026-11-22 · an epoch time';
  return (
    <form
      className="time-words"
      onSubmit={(event) => {
        event.preventDefault();
        if (found) onChange(found);
      }}
    >
      <label className="combobox-label" htmlFor={`${id}-words`}>
        In words
      </label>
      <input
        id={`${id}-words`}
        className="field"
        data-autofocus
        autoComplete="off"
        spellCheck={false}
        placeholder="last 90m"
        value={text}
        aria-invalid={isWrong}
        aria-describedby={`${id}-meaning`}
        onChange={(event) => setText(event.target.value)}
      />
      <p className={`time-meaning${isWrong ? ' time-wrong' : ''}`} id={`${id}-meaning`} aria-live="polite">
        {meaning}
      </p>
    </form>
  );
}

function Ends({ value, utc, onChange }: { value: TimeRange; utc: boolean; onChange: (range: TimeRange) => void }) {
  const pinned = pinRange(value, Date.now());
  const [from, setFrom] = useState(value.from === 'all' ? '' : pointLabel(roundPoint(pinned.from), utc));
  const [to, setTo] = useState(value.to === 'now' ? 'now' : pointLabel(pinned.to, utc));
  const id = useId();
  const now = Date.now();
  const start = from.trim() === '' ? 'all' : parsePoint(from, now, utc);
  const end = to.trim() === '' ? 'now' : parsePoint(to, now, utc);
  const isOrdered = start !== null && end !== null && (resolvePoint(start, now) ?? 0) < (resolvePoint(end, now) ?? now);
  const wrong = start === null ? 'The start is not a time' : end === null ? 'The end is not a time' : isOrdered ? '' : 'The start must be before the end';
  return (
    <form
      className="time-ends"
      onSubmit={(event) => {
        event.preventDefault();
        if (start !== null && end !== null && isOrdered) onChange({ from: start, to: end });
      }}
    >
      <label className="combobox-label" htmlFor={`${id}-from`}>
        From
      </label>
      <input
        id={`${id}-from`}
        className="field time-end"
        autoComplete="off"
        spellCheck={false}
        placeholder="the beginning"
        value={from}
        aria-invalid={start === null}
        aria-describedby={`${id}-wrong`}
        onChange={(event) => setFrom(event.target.value)}
      />
      <label className="combobox-label" htmlFor={`${id}-to`}>
        To
      </label>
      <input
        id={`${id}-to`}
        className="field time-end"
        autoComplete="off"
        spellCheck={false}
        placeholder="now"
        value={to}
        aria-invalid={end === null || !isOrdered}
        aria-describedby={`${id}-wrong`}
        onChange={(event) => setTo(event.target.value)}
      />
      <p className="time-meaning time-wrong" id={`${id}-wrong`} aria-live="polite">
        {wrong}
      </p>
      <Button type="submit" variant="primary" aria-disabled={wrong !== '' || undefined}>
        Apply
      </Button>
    </form>
  );
}

/** A moment of the clock needs no milliseconds in a field. */
function roundPoint(point: string): string {
  return /^\d+$/.test(point) ? String(Math.floor(Number(point) / 1000) * 1000) : point;
}

function describeMeaning(range: TimeRange, now: number, utc: boolean): string {
  const pinned = pinRange(range, now);
  return range.from === 'all' ? 'All time' : `${pointLabel(roundPoint(pinned.from), utc)} – ${range.to === 'now' ? 'now' : pointLabel(roundPoint(pinned.to), utc)}`;
}
