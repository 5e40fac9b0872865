import type { Chunk } from '../text/split-documents.ts';
import { DocumentEditor } from './document-editor.ts';

/** Parsed documents are kept up to this total size, in UTF-16 units: they take up to two hundred times as much memory. */
const KEPT_MAX = 1024 * 1024;

/** DocumentEditors keeps the documents that were parsed last, so that each edit of a document does not parse it again. */
export class DocumentEditors {
  private readonly editors = new Map<Chunk, DocumentEditor>();
  private kept = 0;

  /** of returns the editor of a document. Throws NotEditable if it cannot be read. */
  of(chunk: Chunk): DocumentEditor {
    const known = this.editors.get(chunk);
    if (known !== undefined) return known;
    const editor = new DocumentEditor(chunk.text);
    this.kept += chunk.text.length;
    if (this.kept > KEPT_MAX) {
      this.editors.clear();
      this.kept = chunk.text.length;
    }
    this.editors.set(chunk, editor);
    return editor;
  }
}
