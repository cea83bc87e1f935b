// Attributes in groups, each value in the form it is best read in, with what can be done with it.
import { Filter, Search } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import type { Attributes, UnixNanosText } from '../../../api/types';
import { CopyButton } from '../../../design';
import { toMillis } from '../../../format/time';
import { canFilterBy, groupAttributes, searchAttributes, showValue, valueText, type Attribute } from './attributes';
import { exploreByAttribute } from './exploreLink';

/** From so many on there is a search field. */
const SEARCHABLE = 6;

interface Props {
  attributes: Attributes;
  /** When the span began: links to the list of traces ask for times around it. */
  startNanos: UnixNanosText;
}

export function SearchedAttributes({ attributes, startNanos }: Props) {
  const [text, setText] = useState('');
  const isSearchable = Object.keys(attributes).length >= SEARCHABLE;
  return (
    <>
      {isSearchable && (
        <label className="attributes-search">
          <Search size={14} aria-hidden="true" />
          <span className="sr-only">Search attributes</span>
          <input
            type="text"
            value={text}
            placeholder="Search attributes"
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape' || text === '') return;
              setText('');
              event.preventDefault();
            }}
          />
        </label>
      )}
      <AttributeList attributes={attributes} startNanos={startNanos} search={isSearchable ? text : ''} />
    </>
  );
}

export function AttributeList({ attributes, startNanos, search = '' }: Props & { search?: string }) {
  const groups = useMemo(() => groupAttributes(attributes), [attributes]);
  const shown = useMemo(() => searchAttributes(groups, search), [groups, search]);
  if (groups.length > 0 && shown.length === 0) return <p className="details-empty">No attribute contains “{search.trim()}”.</p>;
  return (
    <>
      {shown.map((group) => (
        <div key={group.name} className="attributes-group" role="group" aria-label={group.name || 'Other attributes'}>
          {groups.length > 1 && <h4 className="attributes-name">{group.name || 'other'}</h4>}
          {group.attributes.map((attribute) => (
            <AttributeRow key={attribute.key} attribute={attribute} startNanos={startNanos} />
          ))}
        </div>
      ))}
    </>
  );
}

function AttributeRow({ attribute, startNanos }: { attribute: Attribute; startNanos: UnixNanosText }) {
  const { key, value } = attribute;
  const text = valueText(value);
  return (
    <div className="attribute">
      <span className="attribute-key">{key || 'empty key'}</span>
      <AttributeValue attribute={attribute} />
      <span className="attribute-actions">
        <CopyButton text={text} label={`Copy value of ${key}`} />
        <CopyButton text={`${key}=${text}`} label={`Copy ${key}=…`} />
        {canFilterBy(attribute) && (
          <Link
            className="attribute-filter"
            href={exploreByAttribute(attribute, toMillis(startNanos), Date.now())}
            aria-label={`Traces with this ${key}`}
            title={`Traces with this ${key}`}
          >
            <Filter size={14} aria-hidden="true" />
          </Link>
        )}
      </span>
    </div>
  );
}

function AttributeValue({ attribute }: { attribute: Attribute }) {
  const [isWhole, setIsWhole] = useState(false);
  const { form, text, isLong } = useMemo(() => showValue(attribute), [attribute]);
  if (form === 'empty') return <span className="attribute-value attribute-none">empty</span>;
  return (
    <span className="attribute-value">
      <span className="attribute-text" data-form={form} data-cut={(isLong && !isWhole) || undefined}>
        {text}
      </span>
      {isLong && (
        <button type="button" className="attribute-more" aria-expanded={isWhole} onClick={() => setIsWhole(!isWhole)}>
          {isWhole ? 'Show less' : `Show all ${text.length.toLocaleString('en-US')} characters`}
        </button>
      )}
    </span>
  );
}
