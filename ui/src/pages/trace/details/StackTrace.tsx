// A stack trace to read: own frames stand out, runs of foreign ones fold, and all of it copies as it came.
import { useMemo, useState } from 'react';
import { CopyButton } from '../../../design';
import { foldForeign, parseStackTrace, type StackFrame, type StackLine } from './stackTrace';

/** Lines shown before the rest is asked for. */
const SHOWN = 24;

export function StackTrace({ text }: { text: string }) {
  const blocks = useMemo(() => foldForeign(parseStackTrace(text)), [text]);
  const [isWhole, setIsWhole] = useState(false);
  const shown = isWhole ? blocks : blocks.slice(0, SHOWN);
  return (
    <div className="stack">
      <span className="stack-copy">
        <CopyButton text={text} label="Copy the stack trace" />
      </span>
      <div className="stack-lines" role="region" tabIndex={0} aria-label="Stack trace">
        {shown.map((block, i) => (block.kind === 'line' ? <Line key={i} line={block.line} /> : <Folded key={i} frames={block.frames} />))}
        {shown.length < blocks.length && (
          <button type="button" className="stack-fold" onClick={() => setIsWhole(true)}>
            {blocks.length - shown.length} more lines
          </button>
        )}
      </div>
    </div>
  );
}

function Folded({ frames }: { frames: readonly StackFrame[] }) {
  const [isOpen, setIsOpen] = useState(false);
  if (isOpen) return frames.map((frame, i) => <Line key={i} line={frame} />);
  return (
    <button type="button" className="stack-fold" aria-expanded={false} onClick={() => setIsOpen(true)}>
      {frames.length} frames of frameworks and libraries
    </button>
  );
}

function Line({ line }: { line: StackLine }) {
  if (line.kind !== 'frame') {
    return (
      <div className="stack-line" data-kind={line.kind}>
        {line.text.trim() === '' ? ' ' : line.text.trimEnd()}
      </div>
    );
  }
  return (
    <div className="stack-line" data-kind="frame" data-own={line.isOwn || undefined} title={line.text.trim()}>
      <span className="stack-call">{line.call || 'anonymous'}</span>
      {line.file !== null && (
        <span className="stack-place">
          {' '}
          {shortFile(line.file)}
          {line.line !== null && `:${line.line}`}
        </span>
      )}
    </div>
  );
}

/** The last two parts of a path: the whole stands in the tooltip. */
function shortFile(file: string): string {
  return file.split(/[\\/]/).slice(-2).join('/');
}
