/** A value now or later. A synchronous implementation stays synchronous: only thenables are awaited. */
export type Awaitable<T> = T | PromiseLike<T>
