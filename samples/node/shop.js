// The shop: takes an order, works out its total, and asks the payments service to charge it.
'use strict';

const express = require('express');
const { context, propagation, SpanKind, SpanStatusCode, trace } = require('@opentelemetry/api');

const paymentsUrl = process.env.PAYMENTS_URL ?? 'http://127.0.0.1:8081';
const tracer = trace.getTracer('shop', '1.0.0');
const app = express();
app.use(express.json());

app.get('/health', (_request, response) => response.json({ ok: true }));

app.post('/checkout', async (request, response) => {
  const order = request.body;
  const total = order.items.reduce((sum, item) => sum + item.price * item.quantity, 0);

  // On whatever span is active in the handler: Express's own, not the HTTP server's.
  trace.getActiveSpan()?.setAttribute('order.channel', 'web');

  await tracer.startActiveSpan('place order', async (span) => {
    span.setAttribute('order.id', order.id);
    span.setAttribute('order.items_count', order.items.length);
    span.setAttribute('order.total', total);
    span.setAttribute('order.express', order.express === true);
    span.setAttribute('order.skus', order.items.map((item) => item.sku));
    try {
      const receipt = await charge({ orderId: order.id, amount: total, card: order.card });
      span.addEvent('order placed', { 'receipt.id': receipt.receiptId });
      span.setStatus({ code: SpanStatusCode.OK });
      response.json({ status: 'placed', receipt: receipt.receiptId, traceId: span.spanContext().traceId });
    } catch (error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      response.status(402).json({ status: 'declined', reason: error.message, traceId: span.spanContext().traceId });
    } finally {
      span.end();
    }
  });
});

// A client span by hand: its context is written into the request's headers by the propagator.
async function charge(payment) {
  return await tracer.startActiveSpan('charge card', { kind: SpanKind.CLIENT }, async (span) => {
    try {
      const headers = { 'content-type': 'application/json' };
      propagation.inject(context.active(), headers);
      const answer = await fetch(`${paymentsUrl}/charge`, { method: 'POST', headers, body: JSON.stringify(payment) });
      span.setAttribute('http.response.status_code', answer.status);
      const body = await answer.json();
      if (!answer.ok) throw new Error(body.reason);
      return body;
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
      throw error;
    } finally {
      span.end();
    }
  });
}

const server = app.listen(Number(process.env.PORT ?? '8080'), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`listening http://127.0.0.1:${server.address().port}`);
});
