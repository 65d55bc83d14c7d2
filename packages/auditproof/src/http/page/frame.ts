/** What every page has around it. */
import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import type { HtmlEscapedString } from 'hono/utils/html'
import { style } from './style.ts'

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>

export interface Frame {
  title: string
  /** Name of the store; absent before somebody has logged in. */
  storeName?: string | undefined
  /** Whether the scripts run on it. */
  hasScript?: boolean
  body: Html
}

export const frame = ({ title, storeName, hasScript = false, body }: Frame): Html =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · auditproof</title>
        <link rel="icon" href="${icon}" />
        ${styleElement} ${hasScript ? html`<script type="module" src="/page/live.js"></script>` : ''}
      </head>
      <body>
        <a class="skip" href="#content">Skip to content</a>
        <header>
          <a class="brand" href="/">auditproof</a>
          <span class="store">${storeName ?? ''}</span>
          ${storeName === undefined ? '' : html`<form method="post" action="/logout"><button>Log out</button></form>`}
        </header>
        <main id="content">${body}</main>
      </body>
    </html>`

/** Put together here: white space that a formatter adds to a template would change its hash. */
const styleElement = raw(`<style>${style}</style>`)

/** A tick on a sheet, in the accent colour of the light theme. */
const icon =
  'data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22 viewBox=%220 0 16 16%22%3E%3Crect width=%2216%22 height=%2216%22 rx=%224%22 fill=%22%231657b8%22/%3E%3Cpath d=%22M4 8.5l3 3 5-6.5%22 fill=%22none%22 stroke=%22white%22 stroke-width=%222%22/%3E%3C/svg%3E'

/**
 * One stylesheet, known by its hash; scripts that are files of this server, in which no text becomes markup; forms and
 * streams of this server alone. Answers that are no scripts cannot be run as one: all of them are `nosniff`.
 */
export function contentSecurityPolicy(): string {
  const hash = createHash('sha256').update(style).digest('base64')
  return `default-src 'none'; style-src 'sha256-${hash}'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'`
}
