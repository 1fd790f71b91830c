/** Where a command asks for the name of a file to write, this one stands for the standard output. */
export const STDOUT_PATH = "-";
