/** What a terminal may be sent: text and JSON from a log with everything visible that it could act on. */
import { visibleJson, visibleText } from '../reader/index.ts'

/** One line, whatever the text holds. */
export const escapeForTerminal: (text: string) => string = visibleText

/** JSON that parses to the same value. */
export const terminalJson: (value: unknown, indent?: number) => string = visibleJson

/** With line breaks kept: for messages of our own that hold foreign text. */
export const escapeLines = (text: string): string => text.split('\n').map(visibleText).join('\n')
