/** The host name of a service: the image's name without registry, folders, tag and digest. */
export function serviceAlias(image: string): string {
  const path = image.replace(/@.*$/u, "");
  const last = path.slice(path.lastIndexOf("/") + 1);
  return last.replace(/:.*$/u, "");
}
