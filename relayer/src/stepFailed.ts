/**
 * A step of the relayer could not be done. The loop reads nothing but `retry`: true when time or another run may cure
 * it, false when somebody has to change something.
 */
export class StepFailed extends Error {
  override name = "StepFailed";
  readonly retry: boolean;
  constructor(message: string, options: { readonly retry: boolean; readonly cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retry = options.retry;
  }
}
