// Reads JSON on stdin as az does with `--query QUERY --output tsv`: a line for each item, tabs between several values.
// It knows the forms of query that the script uses. Plain JavaScript: it runs on the system's Node, before ours is there.
import { readFileSync } from 'node:fs';

const step =
  /^\s*[.|]?\s*(?:\[\?(?<field>[^=]+)=='(?<wanted>[^']*)'\]|\[(?<index>\d+)\]|(?<each>\[\])|\[(?<several>[^\]]+)\]|"(?<quoted>[^"]+)"|(?<name>[\w-]+))/;

function find(value, query) {
  if (query === '') return value;
  const { 0: whole, groups } = step.exec(query);
  const rest = query.slice(whole.length);
  const { field, wanted, index, each, several, quoted, name = quoted } = groups;
  if (field || each) {
    const items = asList(value).filter((item) => each || find(item, field) === wanted);
    return findInEach(items, rest);
  }
  if (index) return find(asList(value)[Number(index)], rest);
  if (several) return several.split(',').map((one) => find(value, one.trim()));
  return find(value?.[name], rest);
}

/** What follows belongs to each item, up to a bar. */
function findInEach(items, query) {
  const [inner, outer = ''] = query.split(' | ');
  return find(
    items.map((item) => find(item, inner)).filter((found) => found !== undefined && found !== null),
    outer.trim(),
  );
}

function asList(value) {
  return Array.isArray(value) ? value : [];
}

function isPlain(value) {
  return Array.isArray(value) ? value.every(isPlain) : value === null || typeof value !== 'object';
}

function line(value) {
  if (Array.isArray(value)) return value.map(line).join('\t');
  return isPlain(value) ? String(value ?? '') : '';
}

const answer = JSON.parse(readFileSync(0, 'utf8'));
// The query may have been heard, and only the form of the answer not.
const found = isPlain(answer) ? answer : find(answer, process.argv[2] ?? '');
const text = (Array.isArray(found) ? found.map(line) : [line(found)]).join('\n');
if (text) process.stdout.write(`${text}\n`);
