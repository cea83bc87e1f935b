// One word about the state of something: "partial", "12 errors".
import type { ReactNode } from 'react';
import './chip.css';

export interface BadgeProps {
  tone: 'neutral' | 'error' | 'warn' | 'ok';
  title?: string;
  children: ReactNode;
}

export function Badge({ tone, title, children }: BadgeProps) {
  return (
    <span className={`badge badge-${tone}`} title={title}>
      {children}
    </span>
  );
}
