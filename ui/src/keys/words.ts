// How keys are written for readers: "Ctrl" or "⌘" for Mod, arrows as arrows.
export const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

const NAMES: Record<string, string> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  PageUp: 'PgUp',
  PageDown: 'PgDn',
};

/** "Mod+Enter" → ["Ctrl", "Enter"]; "C" → ["Shift", "C"]; "g e" comes as two strokes. */
export function strokeWords(stroke: string, mac = isMac): string[] {
  // "+" itself is a key.
  const parts = stroke.length === 1 ? [stroke] : stroke.split('+');
  const words = parts.map((part) => (part === 'Mod' ? (mac ? '⌘' : 'Ctrl') : part === 'Alt' && mac ? '⌥' : (NAMES[part] ?? part)));
  return stroke.length === 1 && /[A-Z]/.test(stroke) ? ['Shift', stroke] : words;
}
