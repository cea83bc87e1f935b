// The rail at the left: the pages, the settings, the server's state. Icons, or icons with words when pinned.
import { Keyboard, PanelLeftClose, PanelLeftOpen, Plug, Settings2, Telescope } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { Popover, type PopoverProps } from '../design/Popover';
import { Tooltip } from '../design/Tooltip';
import { formatBytes, formatCount } from '../format/count';
import { usePreferences } from '../preferences/preferences';
import { useConnection, type ConnectionWatch } from './connection';
import { keyboardHelp } from './overlays';
import { serverState, useStatus } from './serverState';
import { SettingsPanel } from './SettingsPanel';
import './rail.css';

export const PAGES = [
  { path: '/explore', label: 'Explore', icon: <Telescope aria-hidden />, keys: 'g e' },
  { path: '/connect', label: 'Connect', icon: <Plug aria-hidden />, keys: 'g c' },
] as const;

export function Rail({ watch }: { watch: ConnectionWatch }) {
  const { isRailPinned, set } = usePreferences();
  const [path] = useLocation();
  return (
    <nav className={`rail${isRailPinned ? ' rail-pinned' : ''}`} aria-label="Main">
      <Link href="/explore" className="rail-brand" aria-label="Waymark, to the list of traces">
        <Mark />
        <span className="rail-brand-name" aria-hidden>
          Waymark
        </span>
      </Link>
      <ul className="rail-list">
        {PAGES.map((page) => (
          <li key={page.path}>
            <RailTip text={page.label} isPinned={isRailPinned}>
              <Link href={page.path} className="rail-item" aria-current={path === page.path || path.startsWith(`${page.path}/`) ? 'page' : undefined}>
                {page.icon}
                <span className="rail-word">{page.label}</span>
              </Link>
            </RailTip>
          </li>
        ))}
      </ul>
      <div className="rail-foot">
        <RailPopover label="Settings" tip="Settings" isPinned={isRailPinned} trigger={<RailButton label="Settings" icon={<Settings2 aria-hidden />} />}>
          <SettingsPanel />
        </RailPopover>
        <RailTip text="Keyboard (?)" isPinned={isRailPinned}>
          <RailButton label="Keyboard" icon={<Keyboard aria-hidden />} onClick={keyboardHelp.open} />
        </RailTip>
        <RailTip text="Show words beside the icons" isPinned={isRailPinned}>
          <RailButton
            className="rail-pin"
            label={isRailPinned ? 'Icons only' : 'Show words'}
            icon={isRailPinned ? <PanelLeftClose aria-hidden /> : <PanelLeftOpen aria-hidden />}
            onClick={() => set({ isRailPinned: !isRailPinned })}
          />
        </RailTip>
        <ServerItem watch={watch} isPinned={isRailPinned} />
      </div>
    </nav>
  );
}

function RailTip({ text, isPinned, children }: { text: string; isPinned: boolean; children: ReactNode }) {
  return (
    <Tooltip text={text} side="right" isName isDisabled={isPinned}>
      {children}
    </Tooltip>
  );
}

/** A panel beside the rail; while it is open its button needs no tip. */
function RailPopover({ label, tip, isPinned, trigger, children }: { label: string; tip: string; isPinned: boolean; trigger: PopoverProps['trigger']; children: ReactNode }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <RailTip text={tip} isPinned={isPinned || isOpen}>
      <Popover side="right" align="end" label={label} open={isOpen} onOpenChange={setOpen} trigger={trigger}>
        {children}
      </Popover>
    </RailTip>
  );
}

function RailButton({ label, icon, className, ...rest }: { label: string; icon: ReactNode; className?: string; onClick?: () => void }) {
  return (
    <button type="button" className={`rail-item${className ? ` ${className}` : ''}`} {...rest}>
      {icon}
      <span className="rail-word">{label}</span>
    </button>
  );
}

function ServerItem({ watch, isPinned }: { watch: ConnectionWatch; isPinned: boolean }) {
  const { data } = useStatus();
  const { isOffline } = useConnection(watch);
  const state = serverState(data, isOffline);
  return (
    <RailPopover
      label="Server"
      tip={`Server: ${state.word.toLowerCase()}`}
      isPinned={isPinned}
      trigger={
        <button type="button" className="rail-item rail-server">
          <span className={`rail-dot rail-dot-${state.tone}`} aria-hidden />
          <span className="sr-only">Server</span>
          <span className="rail-version">{data?.version ?? '…'}</span>
          <span className="rail-word">{state.word}</span>
        </button>
      }
    >
      <div className="server-panel">
        <p className="server-state">
          <span className={`rail-dot rail-dot-${state.tone}`} aria-hidden />
          <strong>{state.word}</strong>
        </p>
        <p className="server-sentence">{state.sentence}</p>
        {data && (
          <dl className="server-facts">
            <dt>Version</dt>
            <dd>{data.version}</dd>
            <dt>Spans</dt>
            <dd>{formatCount(data.store.spanCount)}</dd>
            <dt>Traces</dt>
            <dd>{formatCount(data.store.traceCount)}</dd>
            <dt>On disk</dt>
            <dd>{formatBytes(data.store.segmentBytes + data.store.logBytes)}</dd>
            {data.ingest && (
              <>
                <dt>Taken in since start</dt>
                <dd>{formatCount(data.ingest.acceptedSpans)}</dd>
              </>
            )}
          </dl>
        )}
      </div>
    </RailPopover>
  );
}

/** Three spans, part of the middle one critical: the picture of the window's tab, without its ground. */
function Mark() {
  return (
    <svg className="rail-mark" viewBox="3 3 26 26" aria-hidden>
      <path d="M6 9h20M10 16h12M14 23h12" className="rail-mark-span" />
      <path d="M10 16h7" className="rail-mark-critical" />
    </svg>
  );
}
