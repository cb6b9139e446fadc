// What is deployed, as far as it costs something: the defaults of `infra/azure/main.bicep`.

export const deployment = {
  functionMemoryGb: 2,
  /** On Flex Consumption an execution counts for a second at least, unless others run on the same instance meanwhile. */
  functionLeastSeconds: 1,
  /** Between two runs of the sweeper. */
  sweepSeconds: 300,
  /** How long pictures are kept after the end of a job. */
  retentionDays: 1,
  /** How long deleted pictures can be brought back, and are paid for. */
  undeleteDays: 1,
  alertRules5Minutes: 2,
  alertRules15Minutes: 4,
} as const;

/** A month, wherever a price is for one. */
export const daysPerMonth = 30;
export const secondsPerDay = 86_400;
