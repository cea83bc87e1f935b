// Tabs: one stop for the Tab key, arrows move and choose.
import { useRef, type KeyboardEvent, type ReactNode } from 'react';
import { formatCount } from '../format/count';
import './tabs.css';

export interface TabsProps {
  tabs: readonly { id: string; label: string; count?: number | undefined }[];
  current: string;
  onChange: (id: string) => void;
  /** What the tabs are about, for screen readers. */
  label?: string;
  /** With it, ids tie each tab to the {@link TabPanel} of the same prefix. */
  idPrefix?: string;
}

export function Tabs({ tabs, current, onChange, label, idPrefix }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const at = tabs.findIndex((tab) => tab.id === current);
    const to = { ArrowRight: (at + 1) % tabs.length, ArrowLeft: (at + tabs.length - 1) % tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined || !tabs[to]) return;
    event.preventDefault();
    event.stopPropagation();
    onChange(tabs[to].id);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[to]?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
      {tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          className="tab"
          id={idPrefix ? `${idPrefix}-tab-${tab.id}` : undefined}
          aria-controls={idPrefix && tab.id === current ? `${idPrefix}-panel` : undefined}
          aria-selected={tab.id === current}
          tabIndex={tab.id === current ? 0 : -1}
          onClick={() => onChange(tab.id)}
        >
          {tab.label}
          {tab.count !== undefined && <span className="tab-count">{formatCount(tab.count)}</span>}
        </button>
      ))}
    </div>
  );
}

/** What the chosen tab shows. */
export function TabPanel({ idPrefix, current, className, children }: { idPrefix: string; current: string; className?: string; children: ReactNode }) {
  return (
    <div role="tabpanel" id={`${idPrefix}-panel`} aria-labelledby={`${idPrefix}-tab-${current}`} tabIndex={-1} className={className}>
      {children}
    </div>
  );
}
