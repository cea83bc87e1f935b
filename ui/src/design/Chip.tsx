// A filter or a property in a small box: "status: error ×".
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import './chip.css';

export interface ChipProps {
  label: string;
  value?: ReactNode;
  onClick?: (() => void) | undefined;
  onRemove?: (() => void) | undefined;
  /** What the button for removing is called; else "Remove" and the label. */
  removeLabel?: string;
}

export function Chip({ label, value, onClick, onRemove, removeLabel }: ChipProps) {
  const words = (
    <>
      <span className="chip-label">{label}</span>
      {value !== undefined && value !== null && <span className="chip-value">{value}</span>}
    </>
  );
  return (
    <span className="chip">
      {onClick ? (
        <button type="button" className="chip-words chip-button" onClick={onClick}>
          {words}
        </button>
      ) : (
        <span className="chip-words">{words}</span>
      )}
      {onRemove && (
        <button type="button" className="chip-remove" onClick={onRemove} aria-label={removeLabel ?? `Remove ${label}${typeof value === 'string' ? ` ${value}` : ''}`}>
          <X aria-hidden />
        </button>
      )}
    </span>
  );
}
