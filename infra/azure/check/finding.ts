// What a check has to say about a template, and where.

/** A place in a template. Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Finding extends Place {
  readonly message: string;
}

export function finding({ file, line, column }: Place, message: string): Finding {
  return { file, line, column, message };
}

/** `file:line:column message`, which editors and terminals make a link of. */
export function formatFinding({ file, line, column, message }: Finding): string {
  return `${file}:${line}:${column} ${message}`;
}
