// The few settings there are, all kept in this browser.
import { Monitor, Moon, Sun } from 'lucide-react';
import { Button } from '../design/Button';
import { Segmented, Switch } from '../design/Switch';
import { useTheme, type ThemeSetting } from '../design/theme';
import { usePreferences } from '../preferences/preferences';
import { keyboardHelp } from './overlays';

export function SettingsPanel() {
  const theme = useTheme();
  const { utc, density, letterKeys, set } = usePreferences();
  return (
    <div className="settings">
      <Segmented<ThemeSetting>
        label="Theme"
        value={theme.setting}
        onChange={theme.set}
        options={[
          { value: 'dark', label: 'Dark', icon: <Moon aria-hidden /> },
          { value: 'light', label: 'Light', icon: <Sun aria-hidden /> },
          { value: 'system', label: 'System', icon: <Monitor aria-hidden /> },
        ]}
      />
      <Segmented
        label="Times"
        value={utc ? 'utc' : 'local'}
        onChange={(value) => set({ utc: value === 'utc' })}
        options={[
          { value: 'local', label: 'Local' },
          { value: 'utc', label: 'UTC' },
        ]}
      />
      <Segmented
        label="Rows"
        value={density}
        onChange={(value) => set({ density: value })}
        options={[
          { value: 'compact', label: 'Compact' },
          { value: 'normal', label: 'Normal' },
          { value: 'comfortable', label: 'Roomy' },
        ]}
      />
      <Switch label="Single-letter keys" checked={letterKeys} onChange={(value) => set({ letterKeys: value })} />
      <Button onClick={keyboardHelp.open}>All keys</Button>
    </div>
  );
}
