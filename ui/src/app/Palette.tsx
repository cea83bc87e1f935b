// The palette: one field that opens a trace from any text with its id, a service, or runs a command.
import { useQuery } from '@tanstack/react-query';
import { CornerDownLeft, Layers, Search, Waypoints, Zap } from 'lucide-react';
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useLocation } from 'wouter';
import { getJson } from '../api/client';
import type { Services } from '../api/types';
import { Dialog } from '../design/Dialog';
import { Keys } from '../design/Keys';
import { paletteItems, type Command, type PaletteItem } from './paletteItems';
import './palette.css';

export interface PaletteProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  initialText: string;
  commands: readonly Command[];
}

export function Palette(props: PaletteProps) {
  return (
    <Dialog title="Go to a trace, service or command" isBare open={props.open} onOpenChange={props.onOpenChange} className="palette">
      <PaletteBody {...props} />
    </Dialog>
  );
}

function PaletteBody({ onOpenChange, initialText, commands }: PaletteProps) {
  const [text, setText] = useState(initialText);
  const [active, setActive] = useState(0);
  const [, navigate] = useLocation();
  const list = useRef<HTMLUListElement>(null);
  const id = useId();
  const services = useQuery({ queryKey: ['palette', 'services'], queryFn: ({ signal }) => getJson<Services>('services', {}, signal) });
  const names = useMemo(() => services.data?.services.map((service) => service.name) ?? [], [services.data]);
  const items = useMemo(() => paletteItems(text, names, commands), [text, names, commands]);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active]);

  const choose = (item: PaletteItem | undefined) => {
    if (!item) return;
    onOpenChange(false);
    if (item.kind === 'command') item.run();
    else navigate(item.kind === 'trace' ? item.path : `/explore?service=${encodeURIComponent(item.name)}`);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: Math.min(active + 8, items.length - 1), PageUp: Math.max(active - 8, 0) }[event.key];
    if (to !== undefined && items.length > 0) setActive((to + items.length) % items.length);
    else if (event.key === 'Enter') choose(items[active]);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div className="palette-field">
        <Search aria-hidden />
        <input
          role="combobox"
          aria-label="Trace id, traceparent, address, service or command"
          aria-autocomplete="list"
          aria-expanded={items.length > 0}
          aria-controls={items.length > 0 ? `${id}-list` : undefined}
          aria-activedescendant={items[active] ? `${id}-${active}` : undefined}
          data-autofocus
          autoComplete="off"
          spellCheck={false}
          placeholder="Trace id, traceparent, address, service or command"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div className="sr-only" role="status">
        {items.length === 1 ? '1 result' : `${items.length} results`}
      </div>
      {items.length > 0 ? (
        <ul className="palette-list" role="listbox" id={`${id}-list`} aria-label="Results" ref={list}>
          {items.map((item, index) => (
            <li
              key={item.id}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              className="palette-item"
              onPointerMove={() => setActive(index)}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => choose(item)}
            >
              <Row item={item} />
            </li>
          ))}
        </ul>
      ) : (
        <p className="palette-none">Nothing is called that. A trace is found by its id of 32 (or 16) hex digits.</p>
      )}
    </>
  );
}

function Row({ item }: { item: PaletteItem }) {
  const detail = item.kind === 'trace' ? item.detail : item.kind === 'service' ? 'Traces of this service' : '';
  return (
    <>
      {item.kind === 'trace' ? <Waypoints aria-hidden /> : item.kind === 'service' ? <Layers aria-hidden /> : <Zap aria-hidden />}
      <span className="palette-label">{item.label}</span>
      {detail && <span className="palette-detail">{detail}</span>}
      {item.kind === 'command' && item.keys && <Keys keys={item.keys} />}
      <CornerDownLeft className="palette-enter" aria-hidden />
    </>
  );
}
