// Chooses the time range of a page.
import { Clock } from 'lucide-react';
import { Button } from '../design/Button';
import { Popover } from '../design/Popover';
import { usePreferences } from '../preferences/preferences';
import { PRESETS, rangeLabel, type TimeRange } from './range';

export interface TimeRangePickerProps {
  value: TimeRange;
  onChange: (range: TimeRange) => void;
}

export function TimeRangePicker({ value, onChange }: TimeRangePickerProps) {
  const { utc } = usePreferences();
  return (
    <Popover label="Time range" align="end" trigger={<Button icon={<Clock aria-hidden />}>{rangeLabel(value, utc)}</Button>}>
      {(close) =>
        PRESETS.map((preset) => (
          <Button
            key={preset.from}
            variant="quiet"
            onClick={() => {
              onChange({ from: preset.from, to: 'now' });
              close();
            }}
          >
            {preset.label}
          </Button>
        ))
      }
    </Popover>
  );
}
