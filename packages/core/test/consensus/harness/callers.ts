import type { Answer } from '../../../src/consensus/effects.ts'
import type { RequestID } from '../../../src/consensus/events.ts'
import type { Expect } from './expect.ts'
import type { TestNode } from './test-node.ts'

interface OpenRequest {
  readonly node: TestNode
  readonly kind: 'read' | 'change' | 'transfer' | 'bootstrap' | 'restore'
  /** The last command that anybody was told of when this was asked. */
  readonly acknowledged: number
  withdrawn: boolean
}

/** What callers were promised: one answer to each question, no stale read, and nothing done before it is (S9, S19, R1, R2). */
export class Callers {
  /** The last command that a caller was told is done. */
  acknowledgedIndex = 0
  readonly acknowledgements = new Map<string, number>()
  readonly #requests = new Map<RequestID, OpenRequest>()
  readonly #expect: Expect

  constructor(expect: Expect) {
    this.#expect = expect
  }

  /** Who waited at the node waits no more. */
  crashed(node: TestNode): void {
    for (const [id, request] of this.#requests) if (request.node === node) this.#requests.delete(id)
  }

  asked(node: TestNode, id: RequestID, kind: OpenRequest['kind']): void {
    this.#requests.set(id, { node, kind, acknowledged: this.acknowledgedIndex, withdrawn: false })
  }

  withdrawn(id: RequestID): void {
    const request = this.#requests.get(id)
    if (request !== undefined) request.withdrawn = true
  }

  /** Who waits for an answer at the node. */
  waiting(node: TestNode): readonly OpenRequest[] {
    return [...this.#requests.values()].filter((request) => request.node === node && !request.withdrawn)
  }

  answered(node: TestNode, answer: Answer): void {
    const request = this.#requests.get(answer.request)
    this.#expect(request !== undefined, 'S19', `${node.id} answers request ${answer.request}, which is not open`)
    this.#requests.delete(answer.request)
    if (request === undefined || answer.error !== undefined || request.withdrawn) return
    const { rules } = node
    const { index } = answer
    if (request.kind === 'read') {
      const fresh = index >= request.acknowledged
      this.#expect(fresh, 'R1', `${node.id} reads at ${index}, older than what was acknowledged`)
      this.#expect(rules.commitIndex >= index, 'R2', `${node.id} reads at ${index}, which is not committed`)
      this.#expect(rules.state === 'Leader', 'R2', `${node.id} confirms a read and does not lead`)
    } else if (request.kind === 'change') {
      const applied = rules.appliedIndex >= index && rules.commitIndex >= index
      this.#expect(applied, 'S9', `${node.id} answers a change at ${index} before it is applied`)
    }
  }

  /** Somebody was told that his command, which is committed as `committed`, is done. */
  acknowledged(node: TestNode, proposal: { readonly id: string; readonly index: number }, committed?: string): void {
    this.#expect(committed === proposal.id, 'S9', `${node.id} acknowledges ${proposal.id}`)
    this.acknowledgements.set(proposal.id, proposal.index)
    this.acknowledgedIndex = Math.max(this.acknowledgedIndex, proposal.index)
  }
}
