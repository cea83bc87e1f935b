// A part of the details that folds. What is open stays open from span to span, and from visit to visit.
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';

interface Props {
  /** Remembered by this name. */
  id: string;
  title: string;
  /** Null while it is not known. */
  count?: number | null;
  /** Beside the title while the section is folded. */
  detail?: string;
  /** Open unless someone folded it. */
  isOpen?: boolean;
  note?: string | null;
  children: ReactNode;
}

export function Section({ id, title, count, detail, isOpen = false, note = null, children }: Props) {
  const [choice, setChoice] = useState(() => localStorage.getItem(storageKey(id)));
  const body = useId();
  const open = choice === null ? isOpen : choice === 'open';
  const toggle = () => {
    const next = open ? 'folded' : 'open';
    localStorage.setItem(storageKey(id), next);
    setChoice(next);
  };
  return (
    <section className="section">
      <h3 className="section-head">
        <button type="button" aria-expanded={open} aria-controls={body} onClick={toggle}>
          {open ? <ChevronDown size={14} aria-hidden="true" /> : <ChevronRight size={14} aria-hidden="true" />}
          {title}
          {count !== undefined && count !== null && <span className="section-count">{count}</span>}
          {!open && detail && <span className="section-detail">{detail}</span>}
        </button>
      </h3>
      <div id={body} className="section-body" hidden={!open}>
        {open && note !== null && <p className="section-note">{note}</p>}
        {open && children}
      </div>
    </section>
  );
}

function storageKey(id: string): string {
  return `waymark.details.section.${id}`;
}
