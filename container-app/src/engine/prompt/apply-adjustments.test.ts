import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Adjustments, neutralAdjustments } from './adjustments.ts';
import { applyAdjustments, type RgbPicture } from './apply-adjustments.ts';
import { parsePrompt } from './parse-prompt.ts';

const picture = drawPicture(320, 200);

/** What an adjustment must move, measured on raw RGB. */
const measures = {
  chroma: (data: Uint8Array) => mean(pixelsOf(data).map((pixel) => Math.max(...pixel) - Math.min(...pixel))),
  luma: (data: Uint8Array) => mean(lumasOf(data)),
  lumaDeviation: (data: Uint8Array) => deviation(lumasOf(data)),
  redMinusBlue: (data: Uint8Array) => mean(pixelsOf(data).map(([red, , blue]) => red - blue)),
  gradient: (data: Uint8Array) => mean(differences(lumasOf(data)).map(Math.abs)),
  grainEnergy: (data: Uint8Array) => deviation(differences(differences(lumasOf(data)))),
};

const series: { measure: keyof typeof measures; steps: Partial<Adjustments>[] }[] = [
  { measure: 'chroma', steps: [0, 0.4, 0.8, 1, 1.3, 1.8, 2.6].map((saturation) => ({ saturation })) },
  { measure: 'luma', steps: [0.4, 0.6, 0.8, 0.95, 1, 1.05, 1.2, 1.5].map((brightness) => ({ brightness })) },
  { measure: 'lumaDeviation', steps: [0.3, 0.6, 0.9, 1, 1.1, 1.4, 2].map((contrast) => ({ contrast })) },
  { measure: 'redMinusBlue', steps: [-1, -0.5, -0.1, 0, 0.1, 0.5, 1].map((warmth) => ({ warmth })) },
  { measure: 'gradient', steps: [-1, -0.6, -0.2, 0, 0.2, 0.6, 1].map((sharpness) => ({ sharpness })) },
  { measure: 'grainEnergy', steps: [0, 0.1, 0.3, 0.6, 1].map((grain) => ({ grain })) },
];

for (const { measure, steps } of series) {
  test(`${Object.keys(steps[0] ?? {})} moves ${measure} in one direction`, async () => {
    const values = await Promise.all(
      steps.map(async (step) => measures[measure](await adjusted({ ...neutralAdjustments(), ...step }))),
    );
    assertRising(values);
  });
}

const promptSeries: { measure: keyof typeof measures; prompts: string[] }[] = [
  {
    measure: 'chroma',
    prompts: [
      'black and white',
      'very muted colors',
      'less vibrant',
      '',
      'slightly vibrant',
      'vibrant',
      'very vibrant',
    ],
  },
  {
    measure: 'luma',
    prompts: ['very dark', 'darker', 'not too bright', '', 'a little brighter', 'bright', 'very bright'],
  },
  {
    measure: 'lumaDeviation',
    prompts: ['no contrast', 'less contrast', '', 'more contrast', 'much more contrast'],
  },
  {
    measure: 'redMinusBlue',
    prompts: ['very cold', 'cooler', 'slightly cool', '', 'somewhat warm', 'warmer', 'very warm'],
  },
  {
    measure: 'gradient',
    prompts: ['very blurry', 'soft', 'slightly soft', '', 'slightly crisp', 'crisp', 'very crisp'],
  },
  { measure: 'grainEnergy', prompts: ['', 'a touch of grain', 'grainy', 'very grainy'] },
];

for (const { measure, prompts } of promptSeries) {
  test(`from "${prompts[0]}" to "${prompts.at(-1)}" ${measure} rises`, async () => {
    const values = await Promise.all(
      prompts.map(async (prompt) => measures[measure](await adjusted(parsePrompt(prompt).adjustments))),
    );
    assertRising(values);
  });
}

test('neutral adjustments return the very bytes of the input, and so do those of the painter alone', async () => {
  for (const painters of [{}, { strokeScale: 2, influence: 0.3 }]) {
    const result = await adjusted({ ...neutralAdjustments(), ...painters });
    assert.equal(result.buffer, picture.data.buffer);
    assert.equal(result.byteOffset, picture.data.byteOffset);
    assert.equal(result.length, picture.data.length);
  }
});

test('the input is not written to, and the result has its size', async () => {
  const before = Buffer.from(picture.data);
  const result = await adjusted(parsePrompt('very bright, vibrant, crisp, grainy, warm').adjustments);
  assert.deepEqual(Buffer.from(picture.data), before);
  assert.equal(result.length, before.length);
});

test('black and white has equal channels, with grain and contrast too', async () => {
  for (const prompt of ['black and white', 'no color', 'crisp high contrast bw with film grain']) {
    const pixels = pixelsOf(await adjusted(parsePrompt(prompt).adjustments));
    assert.ok(
      pixels.every(([red, green, blue]) => red === green && green === blue),
      prompt,
    );
  }
});

test('a tint colours a black and white picture and keeps its luma', async () => {
  const plain = await adjusted(parsePrompt('black and white').adjustments);
  const tinted = await adjusted(parsePrompt('black and white, blue tones').adjustments);
  const [red, , blue] = channelMeans(tinted);
  assert.ok(blue - red > 20, `blue ${blue}, red ${red}`);
  assert.ok(Math.abs(measures.luma(tinted) - measures.luma(plain)) < 4);
});

test('brightness leaves black and white where they are', async () => {
  const data = Uint8Array.from([0, 0, 0, 255, 255, 255, 128, 128, 128]);
  for (const brightness of [0.5, 1.4]) {
    const result = await applyAdjustments(
      { data, width: 3, height: 1 },
      { ...neutralAdjustments(), brightness },
    );
    assert.deepEqual([...result.subarray(0, 6)], [0, 0, 0, 255, 255, 255]);
    assert.ok(Math.abs((result[6] ?? 0) - 128 * brightness) <= 2, `mid-grey is ${result[6]}`);
  }
});

test('colour and sharpness leave flat mid-grey as it is', async () => {
  const data = new Uint8Array(32 * 32 * 3).fill(127);
  for (const change of [{ saturation: 2 }, { contrast: 1.01 }, { sharpness: 1 }, { sharpness: -1 }]) {
    const result = await applyAdjustments(
      { data, width: 32, height: 32 },
      { ...neutralAdjustments(), ...change },
    );
    assert.deepEqual(new Set(result), new Set([127]), JSON.stringify(change));
  }
});

test('the same seed gives the same grain, another seed another, and the luma is kept', async () => {
  const adjustments = { ...neutralAdjustments(), grain: 0.5 };
  const first = await applyAdjustments(picture, adjustments, 1);
  assert.deepEqual(await applyAdjustments(picture, adjustments, 1), first);
  assert.notDeepEqual(await applyAdjustments(picture, adjustments, 2), first);
  assert.ok(Math.abs(measures.luma(first) - measures.luma(picture.data)) < 2);
});

test('grain has no direction', async () => {
  const grey = { data: new Uint8Array(128 * 128 * 3).fill(128), width: 128, height: 128 };
  const lumas = lumasOf(await applyAdjustments(grey, { ...neutralAdjustments(), grain: 0.5 }));
  const across = deviation(lumas.slice(1).map((luma, index) => luma - (lumas[index] ?? 0)));
  const down = deviation(lumas.slice(128).map((luma, index) => luma - (lumas[index] ?? 0)));
  assert.ok(Math.abs(across / down - 1) < 0.1, `across ${across}, down ${down}`);
});

test('a small picture is softened too', async () => {
  const small = drawPicture(96, 96);
  const result = await applyAdjustments(small, parsePrompt('slightly soft').adjustments);
  const flatter = await applyAdjustments(small, {
    ...parsePrompt('slightly soft').adjustments,
    sharpness: 0,
  });
  assert.ok(measures.gradient(result) < measures.gradient(flatter) - 0.3);
});

test('pictures of one pixel and of one row keep their size', async () => {
  const adjustments = parsePrompt('very crisp, grainy, warm, bright').adjustments;
  for (const [width, height] of [
    [1, 1],
    [7, 1],
    [1, 5],
  ] as const) {
    const data = new Uint8Array(width * height * 3).fill(90);
    assert.equal((await applyAdjustments({ data, width, height }, adjustments)).length, data.length);
    const soft = parsePrompt('very soft').adjustments;
    assert.equal((await applyAdjustments({ data, width, height }, soft)).length, data.length);
  }
});

test('bytes that do not fit the size are refused', async () => {
  const short = { data: new Uint8Array(11), width: 2, height: 2 };
  await assert.rejects(
    applyAdjustments(short, neutralAdjustments()),
    /Expected 2 x 2 x 3 = 12 bytes for data, received 11/,
  );
});

function adjusted(adjustments: Adjustments): Promise<Buffer> {
  return applyAdjustments(picture, adjustments);
}

/** Colour gradients with soft waves over them: room for every measure to move both ways. */
function drawPicture(width: number, height: number): RgbPicture {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const wave = 18 * Math.sin(x / 1.7) * Math.cos(y / 2.3);
      const at = (y * width + x) * 3;
      data[at] = Math.round(60 + (110 * x) / width + wave);
      data[at + 1] = Math.round(70 + (100 * y) / height + wave);
      data[at + 2] = Math.round(165 - (100 * x) / width + wave);
    }
  }
  return { data, width, height };
}

function pixelsOf(data: Uint8Array): [number, number, number][] {
  return Array.from({ length: data.length / 3 }, (_, index) => {
    const at = index * 3;
    return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
  });
}

function lumasOf(data: Uint8Array): number[] {
  return pixelsOf(data).map(([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue);
}

function channelMeans(data: Uint8Array): [number, number, number] {
  const pixels = pixelsOf(data);
  return [
    mean(pixels.map(([red]) => red)),
    mean(pixels.map(([, green]) => green)),
    mean(pixels.map(([, , blue]) => blue)),
  ];
}

function differences(values: readonly number[]): number[] {
  return values.slice(1).map((value, index) => value - (values[index] ?? 0));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

function assertRising(values: readonly number[]): void {
  for (const [index, value] of values.entries()) {
    assert.ok(index === 0 || value > (values[index - 1] ?? 0) + 0.1, `not rising: ${values.join(', ')}`);
  }
}
