/** `/api/v1/survey`: how many events, of what and when, within a bound. */
import { Hono } from 'hono'
import { filterNames, parseFilter, survey, surveyLimits, type FacetName } from '../reader/index.ts'
import type { Served } from './app.ts'
import { filtersIn, parseCount, parseWord, readParameters } from './parameters.ts'

const facetNames: readonly FacetName[] = ['action', 'actor', 'target', 'outcome']
const names = [...filterNames, 'facets', 'bins']

export function surveyRoutes({ audit, now }: Pick<Served, 'audit' | 'now'>): Hono {
  return new Hono().get('/', async (c) => {
    const given = readParameters(c.req.queries(), names)
    const at = now()
    const { facets, bins } = given
    const request = {
      filter: parseFilter(filtersIn(given), at),
      now: at,
      ...(facets !== undefined && { facets: [...new Set(facets.split(','))].map(parseFacet) }),
      ...(bins !== undefined && { bins: parseCount('bins', bins, { min: 0, max: surveyLimits.binsMax }) }),
    }
    const { store } = await audit.opened()
    return c.json(await survey(store, request))
  })
}

const parseFacet = (text: string): FacetName => parseWord('facets', text, facetNames)
