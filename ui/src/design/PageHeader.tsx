// The bar at a page's top: its title, which is also the window's, and its actions at the right. Copying the link and the palette are always last.
import { Link2, Search } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { copyLink } from '../app/commands';
import { palette } from '../app/overlays';
import { Button, IconButton } from './Button';
import { Keys } from './Keys';
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
        <IconButton label="Copy link" shortcut="Y" icon={<Link2 aria-hidden />} onClick={() => void copyLink()} />
        <Button className="page-palette" icon={<Search aria-hidden />} onClick={() => palette.open()} title="Go to a trace, service or command">
          <span className="page-palette-words">Go to…</span>
          <span className="page-palette-keys" aria-hidden>
            <Keys keys="Mod+K" />
          </span>
        </Button>
      </div>
    </header>
  );
}


