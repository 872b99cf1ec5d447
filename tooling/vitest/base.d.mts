import type { ViteUserConfig } from 'vitest/config'

/** The settings that all packages share. */
export declare const base: ViteUserConfig
