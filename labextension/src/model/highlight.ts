/** Colours for one line of Python in a list, without an editor: good enough to read, never exact. */

export type TokenKind = 'keyword' | 'string' | 'number' | 'comment' | 'operator' | 'def' | 'text';

export interface IToken {
  readonly kind: TokenKind;
  readonly text: string;
}

const KEYWORDS = new Set(
  (
    'and as assert async await break class continue def del elif else except False finally for from ' +
    'global if import in is lambda None nonlocal not or pass raise return True try while with yield'
  ).split(' ')
);

const PATTERN = new RegExp(
  [
    '(#.*)',
    '([rbfuRBFU]{0,2}(?:"(?:\\\\.|[^"\\\\])*"?|\'(?:\\\\.|[^\'\\\\])*\'?))',
    '([\\p{L}_][\\p{L}\\p{N}_]*)',
    '(\\d[\\d_]*\\.?\\d*(?:[eE][+-]?\\d+)?)',
    '([-+*/%=<>!&|^~@]+)'
  ].join('|'),
  'gu'
);

function kindOf(match: RegExpExecArray, previous: string): TokenKind {
  if (match[1] !== undefined) {
    return 'comment';
  }
  if (match[2] !== undefined) {
    return 'string';
  }
  if (match[3] !== undefined) {
    if (KEYWORDS.has(match[3])) {
      return 'keyword';
    }
    return previous === 'def' || previous === 'class' ? 'def' : 'text';
  }
  return match[4] !== undefined ? 'number' : 'operator';
}

/** Cut `line` into tokens; their texts put together are `line` again. */
export function highlight(line: string): readonly IToken[] {
  const tokens: IToken[] = [];
  let end = 0;
  let previous = '';
  for (const match of line.matchAll(PATTERN)) {
    if (match.index > end) {
      tokens.push({ kind: 'text', text: line.slice(end, match.index) });
    }
    tokens.push({ kind: kindOf(match, previous), text: match[0] });
    previous = match[0];
    end = match.index + match[0].length;
  }
  if (end < line.length) {
    tokens.push({ kind: 'text', text: line.slice(end) });
  }
  return tokens;
}
