import { parsePath } from '../objects/field-path.ts';
import type { FileEdit } from './fault.ts';

/** Claims are the places that edits are to change. Two of them meet where one is the other, or lies in it. */
export class Claims {
  private readonly taken = new Set<string>();
  /** All places around those. */
  private readonly around = new Set<string>();

  /** isFree holds where an edit meets none that was claimed. */
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

/** From the whole object to the place itself. */
function placesOf({ file, offset, edit }: FileEdit): readonly string[] {
  let place = JSON.stringify([file, offset]);
  const places = [place];
  for (const step of edit.kind === 'apply' ? [] : parsePath(edit.path)) {
    place += JSON.stringify([step]);
    places.push(place);
  }
  return places;
}
