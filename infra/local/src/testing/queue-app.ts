// A Function app for the tests of the stack: puts a message into the queue, tells how many there are.
import { app } from '@azure/functions';
import { connectStorage } from '@impasto/shared/azure';

const { STORAGE_CONNECTION_STRING, MODELS, MAX_REPLICAS } = process.env;
const { queue } = connectStorage({ STORAGE_CONNECTION_STRING });

app.http('messages', {
  methods: ['POST'],
  handler: async (request) => {
    await queue.send(await request.text());
    return { status: 202 };
  },
});

app.http('facts', {
  methods: ['GET'],
  handler: async () => ({ jsonBody: { messages: await queue.countMessages(), MODELS, MAX_REPLICAS } }),
});
