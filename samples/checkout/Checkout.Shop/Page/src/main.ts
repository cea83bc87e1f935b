// The page: products on the left, the basket and its button on the right, and what became of the click below it.
import { Basket, maxQuantity } from './basket.js';
import { createShop } from './shop.js';
import type { CheckoutAnswer, Customer, Product } from './shop.js';
import { startTelemetry } from './telemetry.js';
import { art, byId, element, money } from './view.js';

type Configuration = { waymark?: string | null; otlp?: string | null; release: string };

const shownProducts = 8;
const configuration = JSON.parse(byId('configuration', HTMLScriptElement).text) as Configuration;
const shop = createShop(startTelemetry(configuration.otlp ?? undefined, configuration.release));

const productList = byId('products', HTMLUListElement);
const basketList = byId('lines', HTMLUListElement);
const total = byId('total', HTMLElement);
const customerSelect = byId('customer', HTMLSelectElement);
const cardSelect = byId('card', HTMLSelectElement);
const buyButton = byId('buy', HTMLButtonElement);
const outcome = byId('outcome', HTMLElement);

function showProducts(products: Product[], basket: Basket): void {
  productList.replaceChildren(...products.map((product) => productCard(product, basket, () => showBasket(basket))));
  showBasket(basket);
}

function productCard(product: Product, basket: Basket, changed: () => void): HTMLLIElement {
  const picture = element('div', `picture tone-${product.art}`);
  picture.append(art(product.art));
  const name = element('h3', '', product.name);
  const facts = element('p', 'facts', product.description);
  const price = element('span', 'price', money(product.priceCents));
  if (product.stock === 0) {
    // It can be put into the basket all the same: the answer is worth a look at its trace.
    facts.append(element('span', 'sold-out', 'Sold out'));
  }
  const count = element('output', '', '0');
  count.setAttribute('aria-label', `${product.name} in the basket`);
  const less = stepButton('−', `One ${product.name} less`);
  const more = stepButton('+', `One ${product.name} more`);
  const refresh = (): void => {
    const quantity = basket.quantity(product.sku);
    count.value = String(quantity);
    // Not `disabled`: the focus would be lost under the finger.
    less.setAttribute('aria-disabled', String(quantity === 0));
    more.setAttribute('aria-disabled', String(quantity === maxQuantity));
    changed();
  };
  for (const [button, by] of [[less, -1], [more, 1]] as const) {
    button.addEventListener('click', () => {
      basket.change(product.sku, by);
      refresh();
    });
  }
  refresh();
  return element('li', 'product', picture, name, facts, element('div', 'foot', price, element('div', 'stepper', less, count, more)));
}

function stepButton(text: string, label: string): HTMLButtonElement {
  const button = element('button', 'step', text);
  button.type = 'button';
  button.setAttribute('aria-label', label);
  return button;
}

function showBasket(basket: Basket): void {
  const lines = basket.lines();
  const rows = lines.map(({ product, quantity }) =>
    element('li', '', element('span', 'quantity', `${quantity} ×`), element('span', 'name', product.name), element('span', 'amount', money(product.priceCents * quantity))),
  );
  basketList.replaceChildren(...(rows.length > 0 ? rows : [element('li', 'empty', 'Nothing in it yet.')]));
  total.textContent = money(basket.totalCents());
  buyButton.disabled = lines.length === 0;
}

function showCustomers(customers: Customer[]): void {
  customerSelect.replaceChildren(...customers.map((customer) => new Option(`${customer.name} · ${customer.tier} · ${customer.region}`, customer.id)));
}

async function buy(customer: Customer, basket: Basket): Promise<void> {
  buyButton.disabled = true;
  buyButton.textContent = 'Buying …';
  outcome.replaceChildren();
  const start = performance.now();
  try {
    const answer = await shop.buy(customer, basket.items(), cardSelect.value);
    showAnswer(answer, Math.round(performance.now() - start));
  } catch (error) {
    showTrouble(error instanceof TypeError ? 'The shop does not answer. Is it still running?' : (error as Error).message);
  } finally {
    buyButton.textContent = 'Buy';
    buyButton.disabled = false;
  }
}

function showAnswer(answer: CheckoutAnswer, milliseconds: number): void {
  const took = element('p', 'took', `Answered in ${milliseconds.toLocaleString('en-IE')} ms.`);
  const parts: HTMLElement[] = [];
  if (answer.order) {
    const { id, itemsCount, totalCents } = answer.order;
    parts.push(element('h3', '', `Thank you. Order ${id}`), element('p', '', `${itemsCount} ${itemsCount === 1 ? 'item' : 'items'}, ${money(totalCents)}. A confirmation is on its way.`), took);
  } else {
    parts.push(element('h3', '', refusalTitle(answer)), element('p', '', answer.refusal?.message ?? ''), took);
  }
  if (configuration.waymark && answer.traceId) {
    const link = element('a', 'trace-link', 'See this checkout’s trace');
    link.href = `${configuration.waymark.replace(/\/$/, '')}/trace/${answer.traceId}`;
    link.target = '_blank';
    link.rel = 'noopener';
    parts.push(link);
  }
  outcome.replaceChildren(element('div', answer.order ? 'card good' : 'card bad', ...parts));
}

function refusalTitle(answer: CheckoutAnswer): string {
  switch (answer.refusal?.code) {
    case 'card_declined':
      return 'Your card was declined';
    case 'out_of_stock':
      return 'That is sold out';
    default:
      return 'That did not work';
  }
}

function showTrouble(message: string): void {
  outcome.replaceChildren(element('div', 'card bad', element('h3', '', 'That did not work'), element('p', '', message)));
}

async function start(): Promise<void> {
  try {
    const { products, customers } = await shop.open();
    const shown = products.slice(0, shownProducts);
    const basket = new Basket(shown);
    // Something to buy from the first moment on.
    for (const product of shown.slice(0, 2)) basket.change(product.sku, 1);
    showCustomers(customers);
    showProducts(shown, basket);
    buyButton.addEventListener('click', () => {
      const customer = customers.find((candidate) => candidate.id === customerSelect.value);
      if (customer) void buy(customer, basket);
    });
  } catch {
    showTrouble('The shop’s products could not be loaded. Reload the page to try again.');
  }
}

void start();
