// Markup put together so that no text can become markup by accident.

export interface Html {
  readonly html: string;
}

type Part = Html | string | number | readonly Part[] | false | undefined;

/** Texts in it are escaped, and only what this function made is not. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: strings.map((string, index) => string + markup(parts[index])).join('') };
}

function markup(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part));
  return 'html' in part ? part.html : part.map(markup).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

const inlineMarkup = /`([^`]{1,200})`|\*\*([^*]{1,200})\*\*|\[([^[\]]{1,100})\]\((https:[^()\s]{1,200})\)/g;

/** The little of CommonMark that our descriptions use: code, emphasis, links. */
export function inline(text: string): Html {
  let at = 0;
  const parts: Part[] = [];
  for (const found of text.matchAll(inlineMarkup)) {
    const [whole, code, strong, label, address] = found;
    parts.push(text.slice(at, found.index));
    if (code !== undefined) parts.push(html`<code>${code}</code>`);
    else if (strong !== undefined) parts.push(html`<strong>${strong}</strong>`);
    else parts.push(html`<a href="${address}" rel="noreferrer">${label}</a>`);
    at = found.index + whole.length;
  }
  return html`${parts}${text.slice(at)}`;
}

/** Paragraphs are parted by empty lines. */
export function paragraphs(text: string): Html {
  return html`${text.split(/\n{2,}/).map((paragraph) => html`<p>${inline(paragraph)}</p>\n`)}`;
}
