// State that lives in the address: what a link carries, what back and forward walk through.
import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';

/** How a page's state is read from and written to a query string. `print` leaves out what is as by default; parse(print(x)) = x. */
export interface UrlCodec<T> {
  parse(query: URLSearchParams): T;
  print(state: T): URLSearchParams;
}

/** @param replace true while something is scrubbed (no entry in the history), false for a step one may go back from. */
export type SetUrlState<T> = (change: (state: T) => T, replace?: boolean) => void;

export function useUrlState<T>(codec: UrlCodec<T>): [T, SetUrlState<T>] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const state = useMemo(() => codec.parse(new URLSearchParams(search)), [codec, search]);
  const set = useCallback<SetUrlState<T>>(
    (change, replace = false) => {
      // Read anew: two changes may come before the next render.
      const now = codec.parse(new URLSearchParams(window.location.search));
      const query = codec.print(change(now)).toString();
      navigate(query ? `${path}?${query}` : path, { replace });
    },
    [codec, navigate, path],
  );
  return [state, set];
}
