// Strings come from the server in the reader's language; here their blanks are filled in.

/**
 * @param {string} text with blanks such as {letter}
 * @param {Record<string, string | number>} values
 */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (blank, name) => String(values[name] ?? blank));
}

/**
 * The message for n things, filled in.
 * @param {Record<string, string>} messages
 * @param {string} name of the pair name_one, name_other
 * @param {number} n
 */
export function count(messages, name, n) {
  return fill(messages[n === 1 ? `${name}_one` : `${name}_other`], { n });
}
