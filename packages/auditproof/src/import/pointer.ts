/** The tokens of an RFC 6901 JSON pointer; undefined for what is none. The whole document, '', names no member. */
export function pointerTokens(text: string): string[] | undefined {
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined
  return (
    text
      .slice(1)
      .split('/')
      // §4: ~1 first, so that ~01 becomes ~1 and not /.
      .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  )
}
