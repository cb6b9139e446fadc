// What things cost, from the input file: each price with its date and its source.
import { z } from 'zod';

export const priceNames = [
  'gpuT4Second',
  'gpuA100Second',
  'vcpuSecond',
  'gibSecond',
  'functionGbSecond',
  'functionExecution',
  'blobWrite',
  'blobRead',
  'blobGbMonth',
  'queueCall',
  'registryDay',
  'logGb',
  'keyVaultCall',
  'egressGb',
  'alertRule5Minutes',
  'alertRule15Minutes',
] as const;

export type PriceName = (typeof priceNames)[number];

const price = z.strictObject({
  /** Of so many units as `per` says. */
  price: z.number().min(0),
  per: z.number().positive(),
  unit: z.string().min(1),
  /** Units of each month that cost nothing. */
  free: z.number().min(0),
  date: z.iso.date(),
  source: z.string().min(1),
  /** False once somebody has checked it against the bill or the price list of their own subscription. */
  estimate: z.boolean(),
});

export const pricesSchema = z.strictObject({
  title: z.string(),
  date: z.iso.date(),
  currency: z.string().regex(/^[A-Z]{3}$/, 'Expected three capital letters'),
  region: z.string().min(1),
  prices: z.strictObject(
    Object.fromEntries(priceNames.map((name) => [name, price])) as Record<PriceName, typeof price>,
  ),
});

export type Prices = z.infer<typeof pricesSchema>;

export const pricesFile = new URL('../prices.json', import.meta.url);
