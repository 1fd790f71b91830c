/** How to get packages that not everybody installs beside Loom, as a command with what is to be known of it. */
export function howToInstall(...packages: readonly string[]): string {
  return `npm install ${packages.join(" ")} where Loom is installed, with -g when Loom is global`;
}
