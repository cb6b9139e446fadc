// The manifest of a model folder: what it may say, and one message that names everything that is wrong with one.
import { JobError } from '@impasto/shared';
import { z } from 'zod';

export const manifestFile = 'manifest.json';

const modelName = z
  .string()
  .max(100)
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'expected small letters, digits, dots, dashes and underscores');
const fileName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected the name of a file in the same folder');
const tensorName = z.string().min(1);
const sidePixels = z.int().min(1).max(16384);
const perChannel = z.tuple([z.number(), z.number(), z.number()]);
const positive = z.number().positive();

/**
 * A picture as a tensor of four dimensions. A channel value v of 0..255 becomes
 * `(range[0] + v / 255 * (range[1] - range[0]) - mean) / std`, and the other way round for an output.
 * `mean` and `std` are in the order of `channels`.
 */
const imageTensorSchema = z
  .strictObject({
    tensor: tensorName,
    layout: z.enum(['NHWC', 'NCHW']).default('NHWC'),
    type: z.enum(['uint8', 'float16', 'float32']).default('uint8'),
    channels: z.enum(['rgb', 'bgr']).default('rgb'),
    range: z.tuple([z.number(), z.number()]).default([0, 255]),
    mean: perChannel.default([0, 0, 0]),
    std: z.tuple([positive, positive, positive]).default([1, 1, 1]),
  })
  .refine(({ range }) => range[0] < range[1], {
    path: ['range'],
    message: 'expected the smaller number first',
  })
  .refine(
    ({ type, range, mean, std }) => type !== 'uint8' || `${[range, mean, std]}` === '0,255,0,0,0,1,1,1',
    {
      path: ['type'],
      message: 'expected range 0..255 and neither mean nor std for type uint8',
    },
  );

/** How the network names and takes a picture. */
export type ImageTensor = z.infer<typeof imageTensorSchema>;

/** Sizes that a network takes. A picture is fitted before it and the result brought back to the content's size. */
const sizeRuleFields = {
  /** Smaller sides are padded by mirroring. */
  min_side: sidePixels.default(1),
  /** Other sides are padded by mirroring. */
  multiple_of: sidePixels.default(1),
  /** Pictures with a longer side are made smaller before the network, and the result larger again. */
  max_side: sidePixels.optional(),
  /** Every picture is resized to this very size. */
  fixed: z.strictObject({ width: sidePixels, height: sidePixels }).optional(),
};
const hasRoom = (rules: { max_side?: number | undefined; min_side: number; multiple_of: number }) =>
  rules.max_side === undefined || rules.max_side >= Math.max(rules.min_side, rules.multiple_of);
const noRoom = { path: ['max_side'], message: 'expected at least min_side and multiple_of' };
const sizeRulesSchema = z.strictObject(sizeRuleFields).refine(hasRoom, noRoom);
export type SizeRules = z.infer<typeof sizeRulesSchema>;

const styleSizeSchema = z
  .strictObject({
    ...sizeRuleFields,
    /** Longer side to which a style picture is resized before the model sees it; it decides how large strokes are. */
    side: sidePixels.default(512),
  })
  .refine(hasRoom, noRoom);

const common = {
  schema_version: z.literal(1),
  name: modelName,
  version: z.string().min(1),
  licence: z.string().min(1),
  description: z.string().default(''),
  source: z.string().default(''),
  /** Lower-case hexadecimal SHA-256 of every file that the graphs need. */
  files: z.record(fileName, z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits')),
  /** The tensors of the painting graph that take the knobs; null where the network has none. */
  knobs: z
    .strictObject({
      /** float32, 0..1, one value. */
      influence: tensorName.nullable().default(null),
      /** int64, one value. */
      seed: tensorName.nullable().default(null),
      /** Reserved for models that take text. */
      prompt: z.null().default(null),
    })
    .prefault({}),
  /** How many times in a row a picture may go through the model. */
  passes: z
    .strictObject({ default: z.int().min(1).max(100), max: z.int().min(1).max(100) })
    .refine((passes) => passes.default <= passes.max, { message: 'expected default to be at most max' })
    .default({ default: 1, max: 1 }),
  /** Peak memory of a run divided by the pixels of its content, measured. */
  memory_bytes_per_pixel: z.number().positive().default(600),
};

const manifestSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...common,
    kind: z.literal('style-code'),
    graphs: z.strictObject({
      encode: z.strictObject({ file: fileName, style: imageTensorSchema, code: tensorName }),
      paint: z.strictObject({
        file: fileName,
        content: imageTensorSchema,
        code: tensorName,
        image: imageTensorSchema,
      }),
    }),
    content_size: sizeRulesSchema.prefault({}),
    style_size: styleSizeSchema.prefault({}),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('content-style'),
    graphs: z.strictObject({
      paint: z.strictObject({
        file: fileName,
        content: imageTensorSchema,
        style: imageTensorSchema,
        image: imageTensorSchema,
      }),
    }),
    content_size: sizeRulesSchema.prefault({}),
    style_size: styleSizeSchema.prefault({}),
  }),
  z.strictObject({
    ...common,
    kind: z.literal('fixed-style'),
    graphs: z.strictObject({
      paint: z.strictObject({ file: fileName, content: imageTensorSchema, image: imageTensorSchema }),
    }),
    content_size: sizeRulesSchema.prefault({}),
  }),
]);

/** A checked manifest with every default filled in; the names are those of the file. */
export type Manifest = z.infer<typeof manifestSchema>;

/** Checks what a manifest says; `path` is for the message. Throws `JobError('model_unavailable')`. */
export function parseManifest(path: string, value: unknown): Manifest {
  const parsed = manifestSchema.safeParse(value);
  const problems = parsed.success ? undeclaredFiles(parsed.data) : parsed.error.issues.map(issueText);
  if (!parsed.success || problems.length > 0) {
    const message = `The model manifest ${path} has problems: ${problems.join('; ')}.`;
    throw new JobError('model_unavailable', message, { retryable: false });
  }
  return parsed.data;
}

function issueText(issue: z.core.$ZodIssue): string {
  const where = issue.path.join('.');
  return where === '' ? issue.message : `${where}: ${issue.message}`;
}

function undeclaredFiles({ files, graphs }: Manifest): string[] {
  return Object.entries(graphs)
    .filter(([, graph]) => files[graph.file] === undefined)
    .map(([role, graph]) => `graphs.${role}.file: expected the sha256 of ${graph.file} in files`);
}
