// Where the reader was in the list, kept with the entry of the browser's history: back and forward find it, a new visit starts at the top.

export interface Place {
  top: number;
  traceId: string | null;
}

export function keepPlace(place: Place): void {
  const state: unknown = history.state;
  history.replaceState({ ...(typeof state === 'object' ? state : null), explorePlace: place }, '');
}

export function keptPlace(): Place | null {
  const state: unknown = history.state;
  if (typeof state !== 'object' || state === null || !('explorePlace' in state)) return null;
  const place = state.explorePlace as Partial<Place> | null;
  return typeof place?.top === 'number' ? { top: place.top, traceId: typeof place.traceId === 'string' ? place.traceId : null } : null;
}
