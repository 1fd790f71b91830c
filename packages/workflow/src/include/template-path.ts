/** Whether an include names a file that, as written, lies below `.loom/templates/` and is YAML by its name. */
export function isTemplatePath(path: string): boolean {
  const segments = path.split("/");
  if (segments.some((segment) => segment === "" || segment === ".") || path.includes("..")) return false;
  return path.startsWith(".loom/templates/") && /^[^\\\p{Cc}]+\.ya?ml$/u.test(segments.at(-1) ?? "");
}
