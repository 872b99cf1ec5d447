/** Defects that there is no place to put back into, and why. */
export const notPutBack = []
