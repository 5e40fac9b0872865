import { parsePath } from '../objects/field-path.ts';
import type { FileEdit } from './fault.ts';

/** Claims are the places that edits change. Two of them conflict if they are equal, or one is inside the other. */
export class Claims {
  private readonly taken = new Set<string>();
  /** The ancestors of those. */
  private readonly around = new Set<string>();

  /** isFree holds if an edit conflicts with no claim. */
  isFree(edit: FileEdit): boolean {
    const place = placesOf(edit);
    const own = place.at(-1) ?? '';
    return !this.around.has(own) && !place.some((one) => this.taken.has(one));
  }

  /** claim takes the place of an edit. */
  claim(edit: FileEdit): void {
    const place = placesOf(edit);
    this.taken.add(place.at(-1) ?? '');
    for (const one of place.slice(0, -1)) this.around.add(one);
  }
}

/** placesOf lists the place of an edit and its ancestors, the whole object first. */
function placesOf({ file, offset, edit }: FileEdit): readonly string[] {
  let place = JSON.stringify([file, offset]);
  const places = [place];
  for (const step of edit.kind === 'apply' ? [] : parsePath(edit.path)) {
    place += JSON.stringify([step]);
    places.push(place);
  }
  return places;
}
