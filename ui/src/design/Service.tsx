// A service: its dot in its colour and its name. Colour is never the only cue.
import type { ServiceColour } from '../colours/services';
import './service.css';

export function ServiceDot({ colour }: { colour: ServiceColour }) {
  return <span className={`service-dot${colour.hatched ? ' service-dot-hatched' : ''}`} data-slot={colour.slot} aria-hidden />;
}

export function ServiceName({ name, colour }: { name: string; colour: ServiceColour }) {
  return (
    <span className="service-name" title={name}>
      <ServiceDot colour={colour} />
      <span className="service-name-text">{name || '(no service)'}</span>
    </span>
  );
}
