// The services of a trace with their colours. A press picks a service's spans out and goes to the next of them.
import { useMemo } from 'react';
import type { ServiceColour } from '../../../colours/services';
import { Popover, ServiceName } from '../../../design';
import { formatPlural } from '../../../format/count';
import { keepScrollKeys } from '../keepScrollKeys';
import type { TraceModel } from '../model';
import { useIsNarrow } from '../useIsNarrow';
import { serviceLabel, servicesOf, type ServiceFact } from './facts';

/** More than fit a line stand behind a button. */
const SHOWN = { wide: 8, narrow: 3 };

interface Props {
  model: TraceModel;
  colours: readonly ServiceColour[];
  highlighted: string | null;
  onService(name: string): void;
}

export function Legend({ model, colours, highlighted, onService }: Props) {
  const fits = useIsNarrow() ? SHOWN.narrow : SHOWN.wide;
  const services = useMemo(() => servicesOf(model), [model]);
  const entry = (fact: ServiceFact) => (
    <li key={fact.index}>
      <button
        type="button"
        className="legend-service"
        aria-pressed={highlighted === fact.name}
        title={`${formatPlural(fact.spanCount, 'span')}${fact.errorCount > 0 ? `, ${formatPlural(fact.errorCount, 'error')}` : ''}. Press to go through them.`}
        onClick={() => onService(fact.name)}
      >
        <ServiceName name={serviceLabel(fact.name)} colour={colours[fact.index] ?? { slot: 0, hatched: false }} />
      </button>
    </li>
  );
  // One more than fits is shown rather than hidden behind "1 more".
  const shown = services.length <= fits + 1 ? services : services.slice(0, fits);
  const rest = services.slice(shown.length);
  return (
    <div className="legend">
      <ul className="legend-list" aria-label="Services">
        {shown.map(entry)}
      </ul>
      {rest.length > 0 && (
        <Popover label="More services" trigger={<button type="button" className="legend-more">{`+${rest.length} services`}</button>}>
          <ul className="legend-list legend-rest" aria-label="More services" onKeyDown={keepScrollKeys}>
            {rest.map(entry)}
          </ul>
        </Popover>
      )}
    </div>
  );
}
