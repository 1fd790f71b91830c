/** A setting with its value and where that comes from. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  /** `default`, the name of a variable, or the path of a file. */
  readonly source: string;
}
