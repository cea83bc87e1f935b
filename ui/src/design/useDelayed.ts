// Loading shows nothing at first: an answer within 150 ms must not flash a skeleton.
import { useEffect, useState } from 'react';

/** True once `isPending` has lasted for `delayMs`. */
export function useDelayed(isPending: boolean, delayMs = 150): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!isPending) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), delayMs);
    return () => clearTimeout(timer);
  }, [isPending, delayMs]);
  return late && isPending;
}
