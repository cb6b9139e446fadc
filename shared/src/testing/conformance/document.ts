// As much of an OpenAPI document as a check of answers needs, and the way from an address to its operation.

export type Schema = Readonly<Record<string, unknown>>;

export interface DescribedResponse {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, { readonly required?: boolean; readonly schema?: Schema }>>;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

export interface DescribedOperation {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: {
    readonly content: Readonly<
      Record<
        string,
        {
          readonly schema: Schema;
          readonly examples?: Readonly<Record<string, { readonly value?: unknown }>>;
        }
      >
    >;
  };
  readonly responses: Readonly<Record<string, DescribedResponse>>;
}

export interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly responses: Readonly<Record<string, DescribedResponse>>;
  };
}

export interface PlacedOperation {
  /** In capitals. */
  readonly method: string;
  /** With names in braces. */
  readonly path: string;
  readonly operation: DescribedOperation;
}

export function operationsIn({ paths }: OpenApiDocument): PlacedOperation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
}

/** Those of this address, the more definite ones first: those whose template has fewer names in it. */
export function operationsAt(document: OpenApiDocument, path: string): PlacedOperation[] {
  if (!isWellEscaped(path)) return [];
  const parts = partsOf(path.toLowerCase());
  const fitting = operationsIn(document).filter(({ path: template }) => {
    const wanted = partsOf(template);
    return (
      wanted.length === parts.length && wanted.every((one, index) => isNamed(one) || one === parts[index])
    );
  });
  const names = ({ path: template }: PlacedOperation) => partsOf(template).filter(isNamed).length;
  return fitting.sort((one, other) => names(one) - names(other));
}

function isWellEscaped(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

const partsOf = (path: string) => path.split('/').filter((part) => part !== '');
const isNamed = (part: string) => part.startsWith('{');

/**
 * The document as a promise about this version: objects have no other fields than it names, and names from a list that
 * may grow are on the list.
 */
export function strict<T>(value: T): T {
  if (Array.isArray(value)) return value.map(strict) as T;
  if (typeof value !== 'object' || value === null) return value;
  const copy: Record<string, unknown> = Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, strict(inner)]),
  );
  if (
    [copy.type].flat().includes('object') &&
    copy.properties !== undefined &&
    copy.additionalProperties === undefined
  )
    copy.additionalProperties = false;
  if (Array.isArray(copy.anyOf) && copy.anyOf.some((one: Schema) => one.enum !== undefined))
    copy.anyOf = copy.anyOf.filter((one: Schema) => one.type !== 'string' || one.enum !== undefined);
  return copy as T;
}
