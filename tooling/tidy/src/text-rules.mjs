// Rules about any text file that is committed.

// Put together from pieces, so that this file does not complain about itself.
const machinePaths = new RegExp(
  `(^|[\\s'"\`(=:])/(${['wo' + 'rk', 'ro' + 'ot', 'ho' + 'me/[a-z]', 'Us' + 'ers/[a-z]'].join('|')})/`,
)
const registryHost = new RegExp(['registry', 'npmjs'].join('\\.') + '|' + ['registry', 'yarnpkg'].join('\\.'))

/** Every complaint about one text, as `{ line, rule, message }`. */
export function* complaintsAboutText(text) {
  for (const [at, line] of text.split('\n').entries()) {
    if (machinePaths.test(line)) yield { line: at + 1, rule: 'no-machine-path', message: 'a path of one machine' }
    if (registryHost.test(line)) yield { line: at + 1, rule: 'no-registry-host', message: 'the host of a registry' }
  }
}
