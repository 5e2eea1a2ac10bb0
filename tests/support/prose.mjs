/** Line lengths of generated Markdown. */

const WIDTH = 100;
const LIST_ITEM = /^(?:[*-]|\d+\.) /;
/** A line that keeps its own form: a table, a heading, a fence, or an empty line. */
const FIXED = /^(?:\||#|```|$)/;

/** A word. A code span is one word, with its spaces. */
const WORD = /(?:(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)|\S)+/g;

/** Joins the lines of a paragraph or list item and breaks them at spaces. */
function wrapLines(lines) {
  const indent = LIST_ITEM.test(lines[0]) ? "  " : "";
  const wrapped = [];
  let line = "";
  for (const word of lines.join(" ").match(WORD)) {
    if (line !== "" && line.length + 1 + word.length > WIDTH) {
      wrapped.push(line);
      line = indent + word;
    } else {
      line += line === "" ? word : ` ${word}`;
    }
  }
  return [...wrapped, line];
}

/**
 * Wraps the paragraphs and list items of a Markdown page to 100 columns.
 *
 * @param {string} markdown the page
 * @returns {string} the page with the same text
 */
export function wrapProse(markdown) {
  const out = [];
  let paragraph = [];
  let fenced = false;
  const flush = () => {
    if (paragraph.length > 0) out.push(...wrapLines(paragraph));
    paragraph = [];
  };
  for (const line of markdown.split("\n")) {
    if (fenced || FIXED.test(line)) {
      flush();
      out.push(line);
      if (line.startsWith("```")) fenced = !fenced;
    } else {
      if (LIST_ITEM.test(line)) flush();
      paragraph.push(line.trim());
    }
  }
  flush();
  return out.join("\n");
}
