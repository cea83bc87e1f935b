// The payments service: charges a card, and declines what is above the limit.
'use strict';

const express = require('express');
const { SpanStatusCode, trace } = require('@opentelemetry/api');

const limit = 500;
const tracer = trace.getTracer('payments', '1.0.0');
const app = express();
app.use(express.json());

app.get('/health', (_request, response) => response.json({ ok: true }));

app.post('/charge', async (request, response) => {
  const { orderId, amount, card } = request.body;
  await tracer.startActiveSpan('authorize', async (span) => {
    span.setAttribute('payment.order_id', orderId);
    span.setAttribute('payment.amount', amount);
    span.setAttribute('payment.card_last4', card.slice(-4));
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (amount > limit) {
      const declined = new RangeError(`card declined: ${amount} is above the limit of ${limit}`);
      span.recordException(declined);
      span.setStatus({ code: SpanStatusCode.ERROR, message: declined.message });
      response.status(402).json({ reason: declined.message });
    } else {
      response.json({ receiptId: `R-${orderId}` });
    }
    span.end();
  });
});

const server = app.listen(Number(process.env.PORT ?? '8081'), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`listening http://127.0.0.1:${server.address().port}`);
});
