/** Text in columns: how wide it is on a terminal, cut and filled up to a width. */

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** East Asian Wide and Fullwidth blocks, and emoji; Unicode Standard Annex 11, to the precision that terminals have. */
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{1B000}-\u{1B2FF}\u{1F200}-\u{1F2FF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u

const plain = /^[ -~]*$/

/** Terminal cells, of text that is escaped already. */
export function widthOf(text: string): number {
  if (plain.test(text)) return text.length
  let width = 0
  for (const { segment } of graphemes.segment(text)) width += wide.test(segment) ? 2 : 1
  return width
}

/** At most `width` cells; what is left out shows as …. */
export function cutTo(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let cut = ''
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    const next = used + (wide.test(segment) ? 2 : 1)
    if (next > width - 1) break
    cut += segment
    used = next
  }
  return `${cut}…`
}

export const fillTo = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))
