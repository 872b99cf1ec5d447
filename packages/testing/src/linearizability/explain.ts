import { textOf } from '../state-machine/value-text.ts'
import type { LinearizabilityVerdict } from './check-history.ts'
import type { Model, Operation } from './history.ts'

/** How many operations are shown of those that fit, and of those that do not. */
const SHOWN = 4

/** Why a history has no order, in words: how far an order goes, the state there, and what can not come next. */
export function explainVerdict<State, Input, Output>(
  verdict: LinearizabilityVerdict<Input, Output>,
  model: Model<State, Input, Output>,
): string {
  const { result, key, longest = [], rest = [] } = verdict
  if (result !== 'impossible') return `what clients saw is ${result}`
  let state = model.initial(key ?? '')
  for (const { input, output } of longest) state = model.step(state, input, output) ?? state
  // Only what began before the first of them ended can come next.
  const firstEnd = Math.min(...rest.map(({ ended }) => ended))
  const candidates = rest.filter(({ begun }) => begun < firstEnd)
  return [
    `what clients saw${key === undefined || key === '' ? '' : ` of ${key}`} is not linearizable: ` +
      'in no order would one copy have given these answers.',
    `The longest order that fits has ${longest.length} operations; the last are`,
    ...longest.slice(-SHOWN).map(lineOf),
    `and the state is then ${model.describe(state)}. None of these can come next:`,
    ...candidates.slice(0, SHOWN).map(lineOf),
    ...(candidates.length > SHOWN ? [`  and ${candidates.length - SHOWN} more`] : []),
  ].join('\n')
}

function lineOf({ client, input, output, ended }: Operation): string {
  return `  client ${client}: ${textOf(input)}, ${ended === Infinity ? 'never answered' : `answered ${textOf(output)}`}`
}
