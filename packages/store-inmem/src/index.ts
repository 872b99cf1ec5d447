/** Log. */
export {}
