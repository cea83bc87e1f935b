// Colours a few lines of code: comments, texts, and what is to be changed. No grammar: it only has to please the eye.

export type TokenKind = 'plain' | 'comment' | 'string' | 'keyword' | 'own';

export interface Token {
  kind: TokenKind;
  text: string;
}

export type Syntax = 'shell' | 'slash' | 'yaml' | 'ruby' | 'toml';

const KEYWORDS = new Set(
  'using var new await import from const return use let mut fn async package func err if nil defer require export set function true false do end in with pub struct type interface static class'.split(' '),
);

/** Pieces that, put together, are the code again. `own` marks what the reader puts their own word for. */
export function highlight(code: string, syntax: Syntax, own: readonly string[] = []): Token[] {
  const comment = syntax === 'slash' ? '\\/\\/[^\\n]*' : '(?<=^|\\s)#[^\\n]*';
  const owns = own.map((word) => word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const pattern = new RegExp(`(?<comment>${comment})${owns ? `|(?<own>${owns})` : ''}|(?<string>"(?:[^"\\\\\\n]|\\\\.)*"|'(?:[^'\\\\\\n]|\\\\.)*')|(?<word>[A-Za-z_][A-Za-z0-9_]*)`, 'gm');
  const tokens: Token[] = [];
  let end = 0;
  const push = (kind: TokenKind, text: string) => {
    const last = tokens[tokens.length - 1];
    if (text === '') return;
    if (last?.kind === kind) last.text += text;
    else tokens.push({ kind, text });
  };
  for (const found of code.matchAll(pattern)) {
    push('plain', code.slice(end, found.index));
    const { comment: isComment, own: isOwn, string, word } = found.groups!;
    if (isComment !== undefined) push('comment', found[0]);
    else if (isOwn !== undefined) push('own', found[0]);
    else if (string !== undefined) push('string', found[0]);
    else push(syntax !== 'shell' && syntax !== 'yaml' && word !== undefined && KEYWORDS.has(word) ? 'keyword' : 'plain', found[0]);
    end = found.index + found[0].length;
  }
  push('plain', code.slice(end));
  return tokens;
}
