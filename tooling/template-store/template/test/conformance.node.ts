import { test } from 'node:test'
import { testLogStore, testStableStore } from '@raft/testing/conformance'
import { setup } from './setup.ts'

testLogStore(test, setup)
testStableStore(test, setup)
