// From units to money, with what is free of each taken off, and put together as people think of it.
import type { PriceName, Prices } from './prices.ts';
import type { Usage } from './usage.ts';

export const components = {
  GPU: ['gpuT4Second', 'gpuA100Second'],
  vCPU: ['vcpuSecond'],
  memory: ['gibSecond'],
  'Functions time': ['functionGbSecond'],
  'Functions executions': ['functionExecution'],
  'storage calls': ['blobWrite', 'blobRead'],
  'queue calls': ['queueCall'],
  'storage capacity': ['blobGbMonth'],
  'Container Registry': ['registryDay'],
  'Log Analytics': ['logGb'],
  'Key Vault': ['keyVaultCall'],
  'egress of results': ['egressGb'],
  'alert rules': ['alertRule5Minutes', 'alertRule15Minutes'],
} as const satisfies Readonly<Record<string, readonly PriceName[]>>;

export type Component = keyof typeof components;

export interface BillLine {
  readonly component: Component;
  /** A month's worth. */
  readonly cost: number;
  /** What was counted: "1,234 GPU-seconds". */
  readonly units: readonly { readonly name: PriceName; readonly count: number; readonly unit: string }[];
  /** Whether any of its prices has not been checked by anybody yet. */
  readonly estimate: boolean;
}

export interface Bill {
  readonly currency: string;
  readonly lines: readonly BillLine[];
  /** Of a month. */
  readonly total: number;
}

export function billFor(usage: Usage, { currency, prices }: Pick<Prices, 'currency' | 'prices'>): Bill {
  const lines = Object.entries(components).map(([component, names]) => ({
    component: component as Component,
    cost: names.reduce((sum, name) => sum + costOf(usage[name], prices[name]), 0),
    units: names
      .filter((name) => usage[name] > 0)
      .map((name) => ({ name, count: usage[name], unit: prices[name].unit })),
    estimate: names.some((name) => prices[name].estimate),
  }));
  return { currency, lines, total: lines.reduce((sum, { cost }) => sum + cost, 0) };
}

function costOf(count: number, { price, per, free }: Prices['prices'][PriceName]): number {
  return (Math.max(0, count - free) * price) / per;
}
