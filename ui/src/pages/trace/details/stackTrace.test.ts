// Stack traces of five languages: frames found with their places, own code told from foreign, and no line lost.
import { describe, expect, it } from 'vitest';
import { foldForeign, parseStackTrace, type StackFrame } from './stackTrace';

const DOTNET = `Shop.Payments.CardDeclinedException: The card was declined.
 ---> System.Net.Http.HttpRequestException: Response status code does not indicate success: 402 (Payment Required).
   at System.Net.Http.HttpResponseMessage.EnsureSuccessStatusCode()
   at Shop.Payments.CardProvider.AuthorizeAsync(Card card, CancellationToken stop) in /src/payments/CardProvider.cs:line 41
   --- End of inner exception stack trace ---
   at Shop.Payments.ChargeEndpoint.<>c__DisplayClass3_0.<<Handle>b__0>d.MoveNext() in C:\\src\\payments\\ChargeEndpoint.cs:line 27
--- End of stack trace from previous location ---
   at Microsoft.AspNetCore.Http.RequestDelegateFactory.<ExecuteTaskResult>g__Awaited|148_0[T](Task\`1 task, HttpContext context)
   at Microsoft.AspNetCore.Routing.EndpointMiddleware.<Invoke>g__AwaitRequestTask|7_0(Endpoint endpoint, Task requestTask, ILogger logger)
   at lambda_method.Invoke(Closure)
   at Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Http.HttpProtocol.ProcessRequests[TContext](IHttpApplication\`1 application)`;

const JAVA = `java.lang.IllegalStateException: cart is closed
	at com.shop.cart.Cart.add(Cart.java:112) ~[classes/:na]
	at com.shop.cart.CartController$$SpringCGLIB$$0.add(<generated>)
	at java.base/jdk.internal.reflect.DirectMethodHandleAccessor.invoke(DirectMethodHandleAccessor.java:103)
	at org.springframework.web.servlet.FrameworkServlet.service(FrameworkServlet.java:885) ~[spring-webmvc-6.1.jar:6.1]
	at java.base/java.lang.Thread.run(Thread.java:1583)
Caused by: org.postgresql.util.PSQLException: ERROR: deadlock detected
	at org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2725)
	... 42 more`;

const PYTHON = `Traceback (most recent call last):
  File "/usr/lib/python3.12/site-packages/flask/app.py", line 1498, in wsgi_app
    response = self.full_dispatch_request()
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/app/shop/views.py", line 31, in checkout
    charge(order)
ZeroDivisionError: division by zero

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "<frozen runpy>", line 198, in _run_module_as_main
shop.errors.CheckoutError: order A-1042`;

const NODE = `TypeError: Cannot read properties of undefined (reading 'id')
    at charge (/app/src/charge.js:12:31)
    at async Object.<anonymous> (/app/src/server.ts:40:5)
    at /app/node_modules/express/lib/router/layer.js:95:5
    at new Promise (<anonymous>)
    at Layer.handle [as handle_request] (/app/node_modules/express/lib/router/layer.js:95:5)
    at node:internal/process/task_queues:95:5
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
    at https://shop.example/assets/index-4f.js:1:22031`;

const GO = `panic: runtime error: index out of range [3] with length 3

goroutine 41 [running]:
runtime/debug.Stack()
	/usr/local/go/src/runtime/debug/stack.go:24 +0x65
panic({0x1001, 0x2})
	/usr/local/go/src/runtime/panic.go:770 +0x132
main.(*Server).charge(0xc000112000, {0xc00001, 0x5})
	/app/payments/server.go:88 +0x1d2
net/http.HandlerFunc.ServeHTTP(...)
	/usr/local/go/src/net/http/server.go:2166
github.com/shop/orders/store.Save(0xc000112000)
	/app/orders/store/save.go:12 +0x11
created by net/http.(*Server).Serve in goroutine 1
	/usr/local/go/src/net/http/server.go:3285 +0x4b4`;

const frames = (text: string) => parseStackTrace(text).filter((line): line is StackFrame => line.kind === 'frame');
const own = (text: string) => frames(text).filter((f) => f.isOwn).map((f) => `${f.call} ${f.file}:${f.line}`);

describe('a stack trace', () => {
  it.each([
    ['.NET', DOTNET],
    ['Java', JAVA],
    ['Python', PYTHON],
    ['Node', NODE],
    ['Go', GO],
  ])('of %s keeps every line in order', (_, text) => expect(parseStackTrace(text).map((line) => line.text).join('\n')).toBe(text));

  it('of .NET: own frames with file and line', () =>
    expect(own(DOTNET)).toEqual([
      'Shop.Payments.CardProvider.AuthorizeAsync(Card card, CancellationToken stop) /src/payments/CardProvider.cs:41',
      'Shop.Payments.ChargeEndpoint.<>c__DisplayClass3_0.<<Handle>b__0>d.MoveNext() C:\\src\\payments\\ChargeEndpoint.cs:27',
    ]));
  it('of .NET: every "at" is a frame', () => expect(frames(DOTNET)).toHaveLength(7));
  it('of .NET: the inner exception is a header', () =>
    expect(parseStackTrace(DOTNET).filter((l) => l.kind === 'header').map((l) => l.text.trim().slice(0, 20))).toEqual(['Shop.Payments.CardDe', '---> System.Net.Http']));

  it('of Java: own frames with file and line', () => expect(own(JAVA)).toContain('com.shop.cart.Cart.add Cart.java:112'));
  it('of Java: runtime, frameworks and generated proxies are foreign', () => expect(frames(JAVA).filter((f) => !f.isOwn).map((f) => f.line)).toEqual([null, 103, 885, 1583, 2725]));
  it('of Java: the cause is a header, the rest a note', () => {
    const lines = parseStackTrace(JAVA);
    expect(lines.find((l) => l.text.startsWith('Caused by'))?.kind).toBe('header');
    expect(lines.at(-1)).toEqual({ kind: 'note', text: '\t... 42 more' });
  });

  it('of Python: own frames with file and line', () => expect(own(PYTHON)).toEqual(['checkout /app/shop/views.py:31']));
  it('of Python: errors are headers, source lines notes', () => {
    const kinds = new Map(parseStackTrace(PYTHON).map((l) => [l.text, l.kind]));
    expect(kinds.get('ZeroDivisionError: division by zero')).toBe('header');
    expect(kinds.get('shop.errors.CheckoutError: order A-1042')).toBe('header');
    expect(kinds.get('    charge(order)')).toBe('note');
  });

  it('of Node: own frames with file and line', () =>
    expect(own(NODE)).toEqual(['charge /app/src/charge.js:12', 'async Object.<anonymous> /app/src/server.ts:40', ' https://shop.example/assets/index-4f.js:1']));
  it('of Node: every "at" is a frame', () => expect(frames(NODE)).toHaveLength(8));

  it('of Go: the call and its place are one frame', () =>
    expect(own(GO)).toEqual(['main.(*Server).charge /app/payments/server.go:88', 'github.com/shop/orders/store.Save /app/orders/store/save.go:12']));
  it('of Go: five and the one that began it', () => expect(frames(GO)).toHaveLength(6));

  it('that is none is text', () => expect(parseStackTrace('no idea\nwhat happened')).toEqual([{ kind: 'header', text: 'no idea' }, { kind: 'note', text: 'what happened' }]));
});

describe('folding foreign frames', () => {
  it('folds runs of three and more, and loses none', () => {
    for (const text of [DOTNET, JAVA, PYTHON, NODE, GO]) {
      const blocks = foldForeign(parseStackTrace(text));
      expect(blocks.flatMap((b) => (b.kind === 'line' ? [b.line] : b.frames)).map((l) => l.text).join('\n')).toBe(text);
      for (const block of blocks) if (block.kind === 'folded') expect(block.frames.length).toBeGreaterThanOrEqual(3);
    }
    expect(foldForeign(parseStackTrace(DOTNET)).filter((b) => b.kind === 'folded')).toHaveLength(1);
  });
  it('leaves a trace without own frames open', () => {
    const foreign = Array.from({ length: 9 }, (_, i) => `   at System.Threading.Task.Run${i}()`).join('\n');
    expect(foldForeign(parseStackTrace(foreign)).every((b) => b.kind === 'line')).toBe(true);
  });
});
