// What every page has around it: the rail, the banner, the palette, the keys. Pages bring their own <main> with a PageHeader at its top.
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { Announcer, announce } from '../design/announce';
import { listenForKeys, useKeys } from '../keys/keys';
import { usePreferences } from '../preferences/preferences';
import { globalCommands } from './commands';
import { ConnectionWatch, useConnection } from './connection';
import { ErrorBoundary } from './ErrorBoundary';
import { KeyboardHelp } from './KeyboardHelp';
import { OfflineBanner } from './OfflineBanner';
import { closeOverlay, palette, useOverlay } from './overlays';
import { Palette } from './Palette';
import type { Command } from './paletteItems';
import { Rail } from './Rail';
import { STATUS_KEY } from './serverState';
import { parseTraceReference, referencePath } from './traceReference';
import { getJson } from '../api/client';
import './shell.css';

export function Shell({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [path, navigate] = useLocation();
  const overlay = useOverlay();
  const page = useRef<HTMLDivElement>(null);
  const { density } = usePreferences();
  const go = useRef(navigate);
  go.current = navigate;
  const commands = useMemo(() => globalCommands((to) => go.current(to)), []);
  const watch = useMemo(() => new ConnectionWatch(queries, () => queries.fetchQuery({ queryKey: STATUS_KEY, queryFn: () => getJson('status'), retry: false, staleTime: 0 })), [queries]);
  useEffect(() => watch.start(), [watch]);
  const { isOffline } = useConnection(watch);
  useEffect(() => {
    document.documentElement.dataset['density'] = density;
  }, [density]);
  usePastedTrace(go);
  useFocusOnNavigation(path, page);
  return (
    <div className="shell">
      {/* Before the page: effects run in order, and what a page binds must win. */}
      <GlobalKeys commands={commands} />
      <a
        className="skip-link"
        href="#page"
        onClick={(event) => {
          // With a <base href> a bare fragment would lead away.
          event.preventDefault();
          page.current?.focus();
        }}
      >
        Skip to the page
      </a>
      <Rail watch={watch} />
      <div className="shell-side">
        <OfflineBanner watch={watch} />
        <div className={`shell-page${isOffline ? ' shell-page-old' : ''}`} id="page" ref={page} tabIndex={-1}>
          <ErrorBoundary resetKey={path}>{children}</ErrorBoundary>
        </div>
      </div>
      <Palette open={overlay === 'palette'} onOpenChange={closeOverlay} initialText={palette.initialText} commands={commands} />
      <KeyboardHelp open={overlay === 'help'} onOpenChange={closeOverlay} />
      <Announcer />
    </div>
  );
}

function GlobalKeys({ commands }: { commands: readonly Command[] }) {
  useEffect(() => listenForKeys(), []);
  useKeys('Global', [
    { keys: 'Mod+K', label: 'Go to a trace, service or command', inFields: true, run: () => palette.open() },
    ...commands.flatMap((command) => (command.keys ? [{ keys: command.keys, label: command.label, run: command.run }] : [])),
    { keys: 'Escape', label: 'Leave a field, close what is open', inFields: true, run: () => document.activeElement instanceof HTMLElement && document.activeElement.blur() },
  ]);
  return null;
}

/** A trace id pasted anywhere but into a field opens the trace. */
function usePastedTrace(go: { current: (path: string) => void }): void {
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      const target = event.target;
      if (event.defaultPrevented || (target instanceof HTMLElement && (target.isContentEditable || target.closest('input, textarea, dialog')))) return;
      const found = parseTraceReference(event.clipboardData?.getData('text/plain') ?? '');
      if (!found) return;
      event.preventDefault();
      announce('Opening the pasted trace');
      go.current(referencePath(found));
    };
    document.addEventListener('paste', onPaste);
    return () => document.removeEventListener('paste', onPaste);
  }, [go]);
}

/** On the way to another page the focus goes to it, so that screen readers and keys begin there; the scroll begins at the top. */
function useFocusOnNavigation(path: string, page: { current: HTMLElement | null }): void {
  const before = useRef(path);
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    page.current?.focus({ preventScroll: true });
    page.current?.scrollTo?.(0, 0);
  }, [path, page]);
}
