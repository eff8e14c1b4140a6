/** A request that cannot be answered, and the part of it that is at fault. */
export class BadRequest extends Error {
  readonly statusCode = 400;
  readonly field: string;

  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}
