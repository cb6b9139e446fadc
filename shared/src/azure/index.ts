// The door to the adapters. Only the apps' main.ts files, the local stack and adapter tests come in here.
export { connectStorage, createContainersAndQueue, type Storage } from './connect.ts';
export { containerNames, queueName, webhookPoisonQueueName, webhookQueueName } from './names.ts';
