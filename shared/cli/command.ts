/** One command of `trifold`. */
export interface Command {
  /** One line for the list of commands. */
  readonly about: string;
  /** What stands after the command's name. */
  readonly usage: string;
  run(args: readonly string[]): Promise<void>;
}
