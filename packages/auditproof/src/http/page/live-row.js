/** A row as the server makes it (row.ts), by methods that know text and no markup. */
export function rowElement({ path, time, tenant, action, outcome, target, actor }, withTenant) {
  const link = element('a', { href: path.startsWith('/events/') ? path : '#' })
  link.append(time === null ? 'erased' : element('time', { datetime: time[0] }, time[1]))
  const when = element('td', { class: 'when' })
  when.append(link)
  const name = element('span', { class: 'what' })
  name.append(action ?? element('span', { class: 'erased' }, 'erased'))
  const what = element('td')
  what.append(name)
  if (outcome !== null) what.append(element('span', { class: `badge ${outcome}` }, outcome))
  const row = element('tr', { class: 'fresh' })
  row.append(when)
  if (withTenant) row.append(element('td', { 'data-label': 'Tenant' }, tenant))
  row.append(what, named('Target', target), named('Who', actor))
  return row
}

export function gapElement({ tenant, from, to }, columns) {
  const which = to - from === 1 ? `1 event of ${tenant}` : `${to - from} events of ${tenant}`
  const where = to - from === 1 ? `index ${from}` : `index ${from} to ${to - 1}`
  const text = `${which} cannot be read: ${where}. auditproof verify says more.`
  const row = element('tr', { class: 'gap' })
  row.append(element('td', { colspan: String(columns) }, text))
  return row
}

function named(label, [name, id]) {
  const cell = element('td', { 'data-label': label }, name ?? id ?? '–')
  if (name !== null && id !== null) cell.append(element('span', { class: 'id' }, id))
  return cell
}

function element(name, attributes = {}, text) {
  const made = document.createElement(name)
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
  if (text !== undefined) made.textContent = text
  return made
}
