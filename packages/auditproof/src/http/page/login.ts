import { html } from 'hono/html'
import { frame, type Html } from './frame.ts'

/** @param next where to go afterwards: a path of this server */
export const loginPage = (next: string, problem?: string): Html =>
  frame({
    title: 'Log in',
    body: html`<div class="panel login">
      <h1>Log in</h1>
      ${problem === undefined ? '' : html`<p class="alert" role="alert">${problem}</p>`}
      <form method="post" action="/login">
        <input type="hidden" name="next" value="${next}" />
        <label
          >Admin key
          <input
            type="password"
            name="key"
            required
            autofocus
            autocomplete="current-password"
            spellcheck="false"
            aria-describedby="hint"
        /></label>
        <p id="hint">
          It lies in the file <code>admin.key</code> in the data directory, on the machine that serves this page.
        </p>
        <button class="main">Log in</button>
      </form>
    </div>`,
  })

/** A path of this server, whatever was sent: never another site's. */
export function safeNext(next: unknown): string {
  if (typeof next !== 'string' || !next.startsWith('/')) return '/'
  const here = 'http://here.invalid'
  if (!URL.canParse(next, here)) return '/'
  const { origin, pathname, search } = new URL(next, here)
  // A path that begins with two slashes would be read as a host again.
  return origin === here && !pathname.startsWith('//') ? pathname + search : '/'
}
