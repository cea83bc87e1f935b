// What can be done from everywhere: the same list makes the palette's commands and the global keys.
import { announce } from '../design/announce';
import { copyText } from '../design/CopyButton';
import { setTheme, type ThemeSetting } from '../design/theme';
import { preferences, setPreferences } from '../preferences/preferences';
import { currentRange, shareUrl } from '../time/share';
import { keyboardHelp } from './overlays';
import type { Command } from './paletteItems';

/** @param navigate goes to a page's path below the base. */
export function globalCommands(navigate: (path: string) => void): Command[] {
  const theme = (setting: ThemeSetting, label: string): Command => ({ id: `theme-${setting}`, label, words: 'appearance colours mode', run: () => setTheme(setting) });
  return [
    { id: 'explore', label: 'Go to Explore', words: 'traces search list', keys: 'g e', run: () => navigate('/explore') },
    { id: 'connect', label: 'Go to Connect', words: 'send spans setup instrument otlp', keys: 'g c', run: () => navigate('/connect') },
    { id: 'copy-link', label: 'Copy link to this view', words: 'share url address', keys: 'y', run: () => void copyLink() },
    { id: 'utc', label: 'Switch between UTC and local time', words: 'timezone clock', keys: 'u', run: toggleUtc },
    { id: 'help', label: 'Show all keys', words: 'keyboard shortcuts help', keys: '?', run: keyboardHelp.open },
    theme('dark', 'Dark theme'),
    theme('light', 'Light theme'),
    theme('system', 'Theme of the system'),
    { id: 'letters', label: 'Switch single-letter keys on or off', words: 'keyboard shortcuts speech accessibility', run: toggleLetters },
    { id: 'rail', label: 'Switch words in the rail on or off', words: 'sidebar navigation pin', run: () => setPreferences({ isRailPinned: !preferences().isRailPinned }) },
  ];
}

export async function copyLink(): Promise<void> {
  const { url, isPinned } = shareUrl(location.href, currentRange(), Date.now());
  const ok = await copyText(url);
  announce(!ok ? 'The browser does not allow copying' : isPinned ? 'Link copied, with its times fixed' : 'Link copied');
}

function toggleUtc(): void {
  setPreferences({ utc: !preferences().utc });
  announce(preferences().utc ? 'Times are in UTC' : 'Times are in local time');
}

function toggleLetters(): void {
  setPreferences({ letterKeys: !preferences().letterKeys });
  announce(preferences().letterKeys ? 'Single-letter keys are on' : 'Single-letter keys are off');
}
