// Counts, shares and bytes in words.
import { THIN } from './duration';

/** "9,999", then "12.3k", "1.23M", "4.56G". */
export function formatCount(count: number): string {
  if (count < 10_000) return Math.round(count).toLocaleString('en-US');
  for (const [suffix, size] of [
    ['k', 1e3],
    ['M', 1e6],
    ['G', 1e9],
  ] as const) {
    const value = count / size;
    if (value < 999.5 || suffix === 'G') return `${value >= 99.95 ? Math.round(value) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2)}${suffix}`;
  }
  return String(count);
}

/** "1 span", "2 spans", "12.3k spans". */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** One decimal; never rounds something to nothing, nor nearly all to all. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  if (percent <= 0) return '0%';
  if (percent < 0.1) return '<0.1%';
  if (percent >= 100) return '100%';
  if (percent >= 99.95) return '>99.9%';
  return `${percent.toFixed(1)}%`;
}

/** IEC: "512 B", "1.4 MiB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  for (const unit of ['B', 'KiB', 'MiB', 'GiB']) {
    if (value < 1023.5) return `${unit === 'B' || value >= 99.5 ? Math.round(value) : value.toFixed(1)}${THIN}${unit}`;
    value /= 1024;
  }
  return `${value.toFixed(1)}${THIN}TiB`;
}
