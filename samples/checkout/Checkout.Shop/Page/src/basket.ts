// What is to be bought: how many of which product.
import type { CartItem, Product } from './shop.js';

export const maxQuantity = 9;

export type Line = { product: Product; quantity: number };

export class Basket {
  private readonly quantities = new Map<string, number>();

  constructor(private readonly products: readonly Product[]) {}

  quantity(sku: string): number {
    return this.quantities.get(sku) ?? 0;
  }

  /** Kept between none and `maxQuantity`. */
  change(sku: string, by: number): void {
    this.quantities.set(sku, Math.min(maxQuantity, Math.max(0, this.quantity(sku) + by)));
  }

  lines(): Line[] {
    return this.products.map((product) => ({ product, quantity: this.quantity(product.sku) })).filter((line) => line.quantity > 0);
  }

  items(): CartItem[] {
    return this.lines().map(({ product, quantity }) => ({ sku: product.sku, quantity }));
  }

  totalCents(): number {
    return this.lines().reduce((sum, { product, quantity }) => sum + product.priceCents * quantity, 0);
  }
}
