// What zod says is wrong, taken apart: "Invalid input: expected number, received string" holds the middle of the
// sentences in which we say it, with the name of the field or setting in them.

interface Expectation {
  readonly expected: string;
  readonly received?: string;
}

/** Undefined where a message does not say what was expected. Takes time in proportion to its length, whatever it is. */
export function expectationIn(message: string): Expectation | undefined {
  const start = message.toLowerCase().indexOf(expectedWord);
  if (start < 0) return undefined;
  const text = message.slice(start + expectedWord.length);
  const end = text.indexOf(receivedWord);
  if (end < 0) return { expected: text };
  return { expected: text.slice(0, end), received: text.slice(end + receivedWord.length) };
}

const expectedWord = 'expected ';
const receivedWord = ', received ';
