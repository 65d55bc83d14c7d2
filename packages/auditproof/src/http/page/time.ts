import { html } from 'hono/html'
import type { Html } from './frame.ts'

/** To the second; the zone stands in the head of the column or beside it. */
export const shownTime = (time: string): string => `${time.slice(0, 10)} ${time.slice(11, 19)}`

export const timeTag = (time: string): Html => html`<time datetime="${time}">${shownTime(time)}</time>`
