/** NotEditable is the reason why an edit is not made, as the rest of a sentence that begins with the path. */
export class NotEditable extends Error {
  readonly path: string;

  constructor(path: string, reason: string) {
    super(reason);
    this.name = 'NotEditable';
    this.path = path;
  }
}

/** unsafe is for text in which an edit would change more than it should, or nothing. */
export function unsafe(path = ''): NotEditable {
  return new NotEditable(path, 'is written in a way that only a person can edit');
}
