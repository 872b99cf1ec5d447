import { testLogStore, testStableStore } from '@raft/testing/conformance'
import { test } from 'vitest'
import { setup } from './setup.ts'

testLogStore(test, setup)
testStableStore(test, setup)
