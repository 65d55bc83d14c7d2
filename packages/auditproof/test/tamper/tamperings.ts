/** All that is tried. Some change a row; some compute again all that follows from it, as far as that goes without the key. */
import { checkpointTamperings } from './checkpoints.ts'
import { contentTamperings } from './content.ts'
import { entryTamperings } from './entries.ts'
import { erasureTamperings } from './erasures.ts'
import { headTamperings } from './heads.ts'
import { indexTamperings } from './index-rows.ts'
import { logTamperings } from './logs.ts'
import type { Tampering } from './tampering.ts'
import { tileTamperings } from './tiles.ts'

export const tamperings: readonly Tampering[] = [
  ...entryTamperings,
  ...contentTamperings,
  ...erasureTamperings,
  ...tileTamperings,
  ...checkpointTamperings,
  ...headTamperings,
  ...logTamperings,
  ...indexTamperings,
]
