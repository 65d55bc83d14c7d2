#!/usr/bin/env node
// Kept free of modern syntax, so that an old Node reaches the message and not a syntax error.
var major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    'auditproof needs Node 24 or newer; this is Node ' +
      process.versions.node +
      '.\n' +
      '  → install Node 24, or, inside this repository, run it as `npx auditproof` after `npm ci` (it brings its own).',
  )
  process.exit(2)
}
import('../dist/cli/main.js').catch(function (error) {
  if (
    error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    /^Cannot find module '[^']*dist.cli.main\.js'/.test(error.message)
  ) {
    console.error('auditproof is not built yet.\n  → run `npm run build` in the repository.')
    process.exit(2)
  }
  // Not thrown on: Node would exit with 1, which means tampered.
  console.error('auditproof: ' + (error && error.message ? error.message : error))
  console.error(
    '  → the installation is damaged, or this is a bug: install it again, and report it if that does not help',
  )
  process.exit(70)
})
