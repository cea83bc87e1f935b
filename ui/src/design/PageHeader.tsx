// The bar at a page's top: its title, which is also the window's, and its actions at the right. The palette's button is always last.
import { Search } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { palette } from '../app/overlays';
import { Button } from './Button';
import './page-header.css';

export interface PageHeaderProps {
  title: string;
  /** Instead of the title in the window's title, where the page's own needs more words. */
  documentTitle?: string;
  /** Shown instead of the title's text; it stays the heading. */
  heading?: ReactNode;
  children?: ReactNode;
}

export function PageHeader({ title, documentTitle, heading, children }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${documentTitle ?? title} · Waymark`;
  }, [title, documentTitle]);
  return (
    <header className="page-header">
      <h1 className="page-title">{heading ?? title}</h1>
      <div className="page-actions">
        {children}
        <Button className="page-palette" icon={<Search aria-hidden />} onClick={() => palette.open()} aria-label="Go to a trace, service or command">
          <span className="page-palette-words">Go to…</span>
          <kbd>{modifier}K</kbd>
        </Button>
      </div>
    </header>
  );
}

const modifier = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘' : 'Ctrl+';
