// An address that leads nowhere.
import { Link } from 'wouter';

export function NotFound() {
  return (
    <main>
      <h1>There is no such page</h1>
      <p>
        Go on to <Link href="/explore">the list of traces</Link>.
      </p>
    </main>
  );
}
