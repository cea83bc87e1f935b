// Stack traces of .NET, Java, Python, Node and Go made readable: lines told apart as headers, frames and notes; frames as the application's own or not.
// Pure functions; no line is ever lost or reordered.

export interface StackFrame {
  kind: 'frame';
  /** The lines as they came. */
  text: string;
  /** "Shop.Payments.CardProvider.AuthorizeAsync(Card card)". */
  call: string;
  file: string | null;
  line: number | null;
  /** The application's own code, as far as names tell: not a runtime's, a framework's or a library's. */
  isOwn: boolean;
}

/** An exception's type and message, or "Caused by: …". */
export interface StackHeader {
  kind: 'header';
  text: string;
}

/** Anything else: "… 12 more", the source line Python prints, a separator. */
export interface StackNote {
  kind: 'note';
  text: string;
}

export type StackLine = StackFrame | StackHeader | StackNote;

type ParseFrame = (line: string) => Omit<StackFrame, 'kind' | 'text' | 'isOwn'> | null;

const dotnet: ParseFrame = (line) => {
  const found = /^\s+at (?<call>[^\s(][^(]*\(.*?\)(?: \[[^\]]*\])?)(?: in (?<file>.+?):line (?<line>\d+))?\s*$/.exec(line);
  return found && frame(found);
};

// "at com.shop.Cart.add(Cart.java:12)", "at java.base/java.lang.Thread.run(Unknown Source)", "at app//x.Y.z(Native Method) ~[lib.jar:1.2]"
const java: ParseFrame = (line) => {
  const found = /^\s+at (?<call>[\w$.<>/@-]+)\((?:(?<file>[^():]+\.\w+)(?::(?<line>\d+))?|<generated>|Native Method|Unknown Source)\)(?:\s+~?\[[^\]]*\])?\s*$/.exec(line);
  return found && frame(found);
};

// "at async handler (/app/a.js:1:2)", "at /app/a.js:1:2", "at Array.map (<anonymous>)"
const node: ParseFrame = (line) => {
  const found = /^\s+at (?:(?<call>.+?) \()?(?<file>(?:[a-z]+:\/\/)?(?:[A-Za-z]:)?[^\s():]+|node:[^\s():]+|<anonymous>|native)(?::(?<line>\d+)(?::\d+)?)?\)?\s*$/.exec(line);
  // ".NET without a file" has its parenthesis at the end of the call, not before a place.
  return found && (found.groups?.['line'] !== undefined || /\((?:<anonymous>|native)\)\s*$/.test(line)) ? frame(found) : null;
};

const python: ParseFrame = (line) => {
  const found = /^\s*File "(?<file>[^"]+)", line (?<line>\d+)(?:, in (?<call>.+?))?\s*$/.exec(line);
  return found && frame(found);
};

/** Go says the call on one line and the place on the next. */
const goPlace = /^\t(?<file>\S.*?):(?<line>\d+)(?: \+0x[0-9a-f]+)?\s*$/;
const goCall = /^(?:created by )?(?<call>[\w./*()[\]{}\-~·$@%,… ]+?)(?:\((?:[^()]*|\.\.\.)\))?(?: in goroutine \d+)?\s*$/;

function frame(found: RegExpExecArray): Omit<StackFrame, 'kind' | 'text' | 'isOwn'> {
  const groups = found.groups ?? {};
  return { call: groups['call'] ?? '', file: groups['file'] ?? null, line: groups['line'] === undefined ? null : Number(groups['line']) };
}

/** What names of code that is not the application's begin with: the runtimes, and what is nearly always a library. */
const FOREIGN_NAMES = [
  ...['System', 'Microsoft', 'Npgsql', 'MySql', 'Dapper', 'Grpc', 'OpenTelemetry', 'Newtonsoft', 'RabbitMQ', 'StackExchange', 'Polly', 'Serilog', 'MediatR', 'lambda_method'],
  ...['java', 'javax', 'jdk', 'sun', 'com.sun', 'jakarta', 'kotlin', 'kotlinx', 'scala', 'groovy', 'reactor', 'rx'],
  ...['org.springframework', 'org.apache', 'org.hibernate', 'org.postgresql', 'org.eclipse', 'org.junit', 'org.jboss', 'org.h2', 'net.bytebuddy', 'okhttp3', 'retrofit2'],
  ...['io.netty', 'io.grpc', 'io.opentelemetry', 'io.micrometer', 'io.vertx', 'io.quarkus', 'com.fasterxml', 'com.google.common', 'com.zaxxer'],
];
const FOREIGN_GO = [
  ...['runtime', 'net', 'reflect', 'testing', 'sync', 'internal', 'database', 'encoding', 'context', 'syscall', 'os', 'io', 'bufio', 'panic'],
  ...['google.golang.org', 'golang.org', 'go.opentelemetry.io', 'github.com/gin-gonic', 'github.com/gorilla', 'github.com/labstack', 'github.com/go-chi'],
];
const FOREIGN_FILES = [
  /[\\/](?:site-packages|dist-packages|node_modules|pkg[\\/]mod|go[\\/]src|vendor)[\\/]/,
  /[\\/]lib[\\/]python[\d.]*[\\/]|[\\/]python[\d.]+[\\/]lib[\\/]/i,
  /^node:|^internal[\\/]|^<frozen|^<anonymous>$/,
];

function isOwn(call: string, file: string | null, isGo: boolean): boolean {
  if (file !== null && FOREIGN_FILES.some((pattern) => pattern.test(file))) return false;
  // "java.base/java.lang.Thread.run", "app//x.Y.z"; two dollar signs: a proxy made at run time.
  const name = isGo ? call.replace(/^created by /, '') : call.replace(/^(?:async |new )/, '').replace(/^[\w.@-]*\/{1,2}(?=\w+\.)/, '');
  if (!isGo && name.includes('$$')) return false;
  return !(isGo ? FOREIGN_GO : FOREIGN_NAMES).some((prefix) => name.startsWith(prefix) && /^(?:[./(]|$)/.test(name.slice(prefix.length)));
}

/** Lines that begin an exception. */
const HEADER_STARTS = /^(?:\s*(?:--->|Caused by:|Suppressed:|\[cause\]:)|Unhandled |Exception in |Traceback |During handling|The above exception|panic: |goroutine \d+ )/;
/** "ZeroDivisionError", "shop.errors.Declined: no funds" */
const EXCEPTION_NAME = /^(?:[\w$.]+(?:Exception|Error|Exit|Interrupt|Warning|Failure|Fault)\b|[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)+: )/;

/** Every line of the text, in order: joined by line breaks, their texts are the text again. */
export function parseStackTrace(text: string): StackLine[] {
  const lines = text.replace(/\s+$/, '').split(/\r?\n/);
  const out: StackLine[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const next = lines[i + 1];
    const place = next === undefined ? null : goPlace.exec(next);
    const call = place && !/^\s/.test(line) ? goCall.exec(line) : null;
    if (place && call) {
      const file = place.groups?.['file'] ?? null;
      const name = call.groups?.['call'] ?? line;
      out.push({ kind: 'frame', text: `${line}\n${next}`, call: name, file, line: Number(place.groups?.['line']), isOwn: isOwn(name, file, true) });
      i++;
      continue;
    }
    // .NET last: what it says in parentheses may be anything.
    const found = java(line) ?? node(line) ?? python(line) ?? dotnet(line);
    if (found) out.push({ kind: 'frame', text: line, ...found, isOwn: isOwn(found.call, found.file, false) });
    else out.push({ kind: i === 0 || HEADER_STARTS.test(line) || EXCEPTION_NAME.test(line) ? 'header' : 'note', text: line });
  }
  return out;
}

/** Lines to show: foreign frames that follow one another may be folded into one. */
export type StackBlock = { kind: 'line'; line: StackLine } | { kind: 'folded'; frames: StackFrame[] };

const MIN_FOLDED = 3;

/** Folds runs of three and more foreign frames. A trace without a frame of the application's own is left as it is: there is nothing to single out. */
export function foldForeign(lines: readonly StackLine[]): StackBlock[] {
  const hasOwn = lines.some((line) => line.kind === 'frame' && line.isOwn);
  const blocks: StackBlock[] = [];
  for (let i = 0; i < lines.length; ) {
    const run: StackFrame[] = [];
    for (let at = i; hasOwn && at < lines.length; at++) {
      const line = lines[at]!;
      if (line.kind !== 'frame' || line.isOwn) break;
      run.push(line);
    }
    if (run.length >= MIN_FOLDED) blocks.push({ kind: 'folded', frames: run });
    else if (run.length > 0) for (const line of run) blocks.push({ kind: 'line', line });
    else blocks.push({ kind: 'line', line: lines[i]! });
    i += Math.max(1, run.length);
  }
  return blocks;
}
