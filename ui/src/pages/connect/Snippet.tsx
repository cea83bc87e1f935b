// A few lines of code with a button that copies them.
import { CopyButton } from '../../design';
import { highlight } from './highlight';
import { OWN_NAME, type Step } from './snippets';

export function Snippet({ step }: { step: Step }) {
  return (
    <section className="snippet">
      <header className="snippet-head">
        <h3>{step.title}</h3>
        <CopyButton text={step.code} label={`Copy: ${step.title}`} />
      </header>
      {/* It may be wider than the page: then it scrolls, by keys too. */}
      <pre tabIndex={0} role="group" aria-label={step.title}>
        <code>
          {highlight(step.code, step.syntax, [OWN_NAME]).map((token, index) =>
            token.kind === 'plain' ? (
              token.text
            ) : (
              <span key={index} className={`code-${token.kind}`}>
                {token.text}
              </span>
            ),
          )}
        </code>
      </pre>
      {step.note && <p className="snippet-note">{step.note}</p>}
    </section>
  );
}
