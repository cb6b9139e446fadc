// What the parser could not read. It goes on after an error, so that one file can have several.
import type { Node } from 'web-tree-sitter';
import { type Finding, finding } from './finding.ts';
import { partsOf, placeOf, type Source } from './read-value.ts';

/** A string that runs on upsets everything after it, so it is all that is said then. */
export function readSyntaxErrors(source: Source, root: Node): Finding[] {
  const broken = brokenString(source, root);
  if (broken) return [broken];
  const errors = errorsIn(source, root);
  return errors.length > 0 ? errors : wrongLines(source, root);
}

function errorsIn(source: Source, node: Node): Finding[] {
  if (node.isMissing) {
    return [finding(placeOf(source, node), `Expected ${node.type}, for the syntax, received nothing.`)];
  }
  if (!node.hasError && !node.isError) return [];
  const inner = node.children.flatMap((child) => errorsIn(source, child));
  if (inner.length > 0 || !node.isError) return inner;
  const received = node.text.split('\n', 1)[0] ?? '';
  return [finding(placeOf(source, node), `Expected Bicep, for the syntax, received ${received}`)];
}

/** The grammar lets a string run over the end of its line; Bicep does not. */
function brokenString(source: Source, root: Node): Finding | undefined {
  const node = root
    .descendantsOfType('string')
    .find((candidate) => !candidate.text.startsWith("'''") && runsOn(candidate));
  return (
    node &&
    finding(placeOf(source, node), "Expected ', for the end of a string, received the end of the line.")
  );
}

function runsOn(node: Node): boolean {
  return node.children.some(({ type, text }) => type === 'string_content' && text.includes('\n'));
}

/** The grammar has no sense of lines: Bicep wants a comma or a new line between two parts, and no new line before `(` and `[`. */
function wrongLines(source: Source, root: Node): Finding[] {
  const lists = [root, ...root.descendantsOfType(['object', 'array'])];
  const joined = lists.flatMap((list) =>
    partsOf(list).filter((part, index, parts) => {
      const previous = parts[index - 1];
      return previous && !/[,\n]/.test(source.text.slice(previous.endIndex, part.startIndex));
    }),
  );
  const torn = root
    .descendantsOfType(['call_expression', 'subscript_expression'])
    .flatMap(
      (node) => node.childForFieldName('arguments') ?? node.children.find(({ type }) => type === '[') ?? [],
    )
    .filter((bracket) => /\n[ \t]*$/.test(source.text.slice(0, bracket.startIndex)));
  return [
    ...joined.map((part) =>
      finding(placeOf(source, part), 'Expected a comma or a new line, for the syntax, received neither.'),
    ),
    ...torn.map((part) =>
      finding(placeOf(source, part), 'Expected the same line, for a bracket, received a new one.'),
    ),
  ];
}
