// Checks numbers and strings that are written out.
import {
  type BicepType,
  type IntegerType,
  type StringType,
  TypeBaseKind,
  type UnionType,
} from '@azure/bicep-types';
import type { Lookup } from './published-types.ts';

/** What was expected instead, or undefined when the number is fine. */
export function expectedInsteadOfNumber(value: number, type: IntegerType): string | undefined {
  const { minValue = Number.NEGATIVE_INFINITY, maxValue = Number.POSITIVE_INFINITY } = type;
  return value >= minValue && value <= maxValue ? undefined : `a number from ${minValue} to ${maxValue}`;
}

/** What was expected instead, or undefined when the text is fine. */
export function expectedInsteadOfText(text: string, type: BicepType, lookup: Lookup): string | undefined {
  if (type.type === TypeBaseKind.StringType) return expectedInsteadOfString(text, type);
  const literals = literalsOf(type, lookup);
  if (literals.includes(text)) return undefined;
  const almost = literals.find((literal) => literal.toLowerCase() === text.toLowerCase());
  if (almost !== undefined) return `'${almost}'`;
  return isOpen(type, lookup) ? undefined : literals.map((literal) => `'${literal}'`).join(' | ');
}

function expectedInsteadOfString(text: string, type: StringType): string | undefined {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = type;
  if (text.length < minLength || text.length > maxLength) return `${minLength} to ${maxLength} characters`;
  return pattern === undefined || new RegExp(pattern).test(text) ? undefined : `a text like ${pattern}`;
}

/** The strings that a literal or a union names. */
function literalsOf(type: BicepType, lookup: Lookup): string[] {
  if (type.type === TypeBaseKind.StringLiteralType) return [type.value];
  return type.type === TypeBaseKind.UnionType
    ? membersOf(type, lookup).flatMap((member) => literalsOf(member, lookup))
    : [];
}

/** Whether a union takes any string beside the ones that it names. */
function isOpen(type: BicepType, lookup: Lookup): boolean {
  return (
    type.type === TypeBaseKind.UnionType &&
    membersOf(type, lookup).some((member) => member.type === TypeBaseKind.StringType)
  );
}

function membersOf(type: UnionType, lookup: Lookup): BicepType[] {
  return type.elements.map(lookup);
}
