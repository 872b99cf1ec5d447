import { testLogStore, testStableStore } from '@raft/testing/conformance'
import { test } from 'node:test'
import { setup } from './setup.mjs'

testLogStore(test, setup)
testStableStore(test, setup)
