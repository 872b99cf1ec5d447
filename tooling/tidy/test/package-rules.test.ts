import { deepEqual } from 'node:assert/strict'
import { describe, test } from 'vitest'
import { complaintsAboutManifest, cycleAmong } from '../src/package-rules.mjs'

const good = {
  name: '@raft/transport-tcp',
  description: 'A transport for the test of a rule.',
  keywords: ['raft'],
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  engines: { node: '>=20.19' },
  files: ['dist', 'src'],
  exports: {
    '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  },
  dependencies: { '@raft/core': 'workspace:^' },
}

describe('a manifest', () => {
  const cases = [
    { why: 'a good one', change: {}, complaints: 0 },
    {
      why: 'an adapter depends on an adapter',
      change: { dependencies: { '@raft/transport-ws': 'workspace:^' } },
      complaints: 1,
    },
    { why: 'a peer', change: { peerDependencies: { '@raft/core': '1' } }, complaints: 1 },
    { why: 'a version in place of the workspace', change: { dependencies: { '@raft/core': '^1.0.0' } }, complaints: 1 },
    { why: 'a package unknown to the tree', change: { name: '@raft/other' }, complaints: 1 },
    {
      why: 'types after the default',
      change: { exports: { ...good.exports, '.': { default: 'a', types: 'b' } } },
      complaints: 1,
    },
    { why: 'a private package with a public name', change: { private: true }, complaints: 1 },
  ]
  for (const { why, change, complaints } of cases) {
    test(`has ${complaints} faults: ${why}`, () => {
      deepEqual([...complaintsAboutManifest({ ...good, ...change })].length, complaints)
    })
  }
})

test('a cycle is named, also one of development dependencies', () => {
  const manifests = [
    { name: 'a', dependencies: { b: '1' } },
    { name: 'b', devDependencies: { c: '1' } },
    { name: 'c', dependencies: { b: '1' } },
  ]
  deepEqual(cycleAmong(manifests), ['b', 'c', 'b'])
  deepEqual(cycleAmong(manifests.slice(0, 2)), undefined)
})
