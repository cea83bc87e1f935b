// The shop's API as the page uses it.
import { SpanStatusCode } from '@opentelemetry/api';
import type { Context, Tracer } from '@opentelemetry/api';
import { traced, tracedFetch } from './telemetry.js';

export type Customer = { id: string; name: string; tier: string; region: string };
export type Product = { sku: string; name: string; description: string; art: string; priceCents: number; stock: number };
export type CartItem = { sku: string; quantity: number };
export type Order = { id: string; itemsCount: number; totalCents: number; currency: string };
export type Refusal = { code: string; message: string };

/** An order or a refusal; `traceId` is that of the click. */
export type CheckoutAnswer = { order: Order | null; refusal: Refusal | null; traceId: string | null };

export type Shop = {
  open(): Promise<{ products: Product[]; customers: Customer[] }>;
  buy(customer: Customer, items: CartItem[], card: string): Promise<CheckoutAnswer>;
};

export function createShop(tracer: Tracer): Shop {
  const get = async <T>(within: Context, path: string): Promise<T> => {
    const response = await tracedFetch(tracer, within, 'GET', path);
    if (!response.ok) throw new Error(`${path} was answered with status ${response.status}.`);
    return (await response.json()) as T;
  };
  return {
    open: () =>
      traced(tracer, 'open shop', async (_span, within) => {
        const [products, customers] = await Promise.all([get<Product[]>(within, '/products'), get<Customer[]>(within, '/customers')]);
        return { products, customers };
      }),
    buy: (customer, items, card) =>
      traced(tracer, 'click Buy', async (span, within) => {
        span.setAttributes({ 'customer.id': customer.id, 'customer.tier': customer.tier, 'customer.region': customer.region });
        span.setAttribute('order.items_count', items.reduce((sum, item) => sum + item.quantity, 0));
        const headers = { 'content-type': 'application/json', authorization: `Bearer ${customer.id}` };
        const response = await tracedFetch(tracer, within, 'POST', '/checkout', headers, JSON.stringify({ items, card }));
        if (response.status >= 500) throw new Error('The shop could not take the order.');
        const answer = (await response.json()) as CheckoutAnswer;
        if (answer.order) span.setAttribute('order.id', answer.order.id);
        if (answer.refusal) span.setStatus({ code: SpanStatusCode.ERROR, message: answer.refusal.message });
        return answer;
      }),
  };
}
