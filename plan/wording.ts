// How figures and settings are written for people.
import type { Setting } from './make-plan.ts';

export function settingText(setting: Setting): string {
  const { profile, maxReplicas, queueLength, cooldownSeconds, pollingSeconds } = setting;
  const workers = maxReplicas === 1 ? 'one worker' : `up to ${maxReplicas} workers`;
  return `${profile}, ${workers}, queue length ${queueLength}, cooldown ${cooldownSeconds} s, polling ${pollingSeconds} s`;
}

export function money(amount: number): string {
  if (!Number.isFinite(amount)) return '-';
  return amount.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** Days, or the hours of less than one. */
export function spanText(days: number): string {
  const [count, unit] = days < 1 ? [round(24 * days), 'hour'] : [round(days), 'day'];
  return `${count} ${unit}${count === '1' ? '' : 's'}`;
}

export function thousands(count: number): string {
  return Math.round(count).toLocaleString('en');
}

/** Three figures, as many as such numbers deserve. */
export function round(number: number): string {
  return number >= 100 ? thousands(number) : Number(number.toPrecision(3)).toString();
}
