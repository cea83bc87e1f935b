// Which colour a service has: the same for every viewer and every page.

export const SERVICE_SLOTS = 8;

export interface ServiceColour {
  /** 0..7: --service-N. */
  slot: number;
  /** Slots 8 to 15 repeat the hues with a hatch. */
  hatched: boolean;
}

/**
 * Colours of the services of one trace. A service's slot is its ordinal (order of first sight by the server) modulo 16; where two of the trace meet,
 * the one with the higher ordinal moves to the next free slot. More than 16 services repeat.
 */
export function assignColours(ordinals: readonly number[]): ServiceColour[] {
  const all = SERVICE_SLOTS * 2;
  const colours: ServiceColour[] = new Array(ordinals.length);
  const taken = new Set<number>();
  const byOrdinal = ordinals.map((_, index) => index).sort((a, b) => ordinals[a]! - ordinals[b]! || a - b);
  for (const index of byOrdinal) {
    let slot = ordinals[index]! % all;
    // With few services hatches are not needed: the plain slots fill first.
    if (ordinals.length <= SERVICE_SLOTS) slot %= SERVICE_SLOTS;
    const size = ordinals.length <= SERVICE_SLOTS ? SERVICE_SLOTS : all;
    for (let tries = 0; tries < size && taken.has(slot); tries++) slot = (slot + 1) % size;
    taken.add(slot);
    colours[index] = { slot: slot % SERVICE_SLOTS, hatched: slot >= SERVICE_SLOTS };
  }
  return colours;
}
