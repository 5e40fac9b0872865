/** metaTime writes a moment, in milliseconds since the epoch, as metav1.Time: to the second, downwards. */
export function metaTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
