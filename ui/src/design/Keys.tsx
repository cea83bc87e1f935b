// Keys as small caps: "Ctrl K", "g then e", "j or ↓".
import { Fragment } from 'react';
import { strokeWords } from '../keys/words';

export function Keys({ keys }: { keys: string }) {
  return (
    <span className="keys">
      {keys.split(' | ').map((alternative, a) => (
        <Fragment key={alternative}>
          {a > 0 && <span className="keys-word"> or </span>}
          {alternative.split(' ').map((stroke, s) => (
            <Fragment key={s}>
              {s > 0 && <span className="keys-word"> then </span>}
              {strokeWords(stroke).map((word) => (
                <kbd key={word}>{word}</kbd>
              ))}
            </Fragment>
          ))}
        </Fragment>
      ))}
    </span>
  );
}
