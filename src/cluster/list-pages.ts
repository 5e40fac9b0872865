import { asList, asObject, asString, field, type Json } from '../policy/readers/shape.ts';
import { AnswerTooLarge, ApiError, MalformedAnswer } from './api-error.ts';
import type { Client } from './client.ts';
import type { Resource } from './resource.ts';
import type { RequestOptions } from './transport.ts';

/** METADATA_LIST asks for a list of the metadata alone. */
export const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** As client-go's pager (tools/pager/pager.go). */
const PAGE_SIZE = 500;

/** ListPage is one page of a LIST. */
export interface ListPage {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  /** Begins a list: what earlier pages showed counts no more. */
  readonly isFirst: boolean;
}

/**
 * listPages lists a collection page by page. Where a page is too large to hold, smaller ones follow; where the list
 * has grown too old to go on (410), it is made anew in one piece, as client-go does, since pages would grow old again.
 */
export async function* listPages(
  client: Client,
  resource: Resource,
  options: RequestOptions,
): AsyncGenerator<ListPage> {
  let limit = PAGE_SIZE;
  let next = '';
  for (;;) {
    const query =
      next === '' ? { ...options.query, limit } : { ...withoutVersion(options.query), limit, continue: next };
    let page: Json;
    try {
      page = await client.list(resource, { ...options, query });
    } catch (error) {
      if (error instanceof AnswerTooLarge && limit > 1) {
        limit = Math.ceil(limit / 10);
        continue;
      }
      if (error instanceof ApiError && error.isExpired && next !== '') {
        yield readPage(await client.list(resource, { ...options, query: withoutVersion(options.query) }), true).page;
        return;
      }
      throw error;
    }
    const read = readPage(page, next === '');
    yield read.page;
    if (read.next === '') return;
    next = read.next;
  }
}

/** A continue token carries the version; the API server refuses another beside it. */
function withoutVersion(query: RequestOptions['query'] = {}): NonNullable<RequestOptions['query']> {
  const { resourceVersion: _, ...rest } = query;
  return rest;
}

function readPage(page: Json, isFirst: boolean): { page: ListPage; next: string } {
  try {
    const metadata = asObject(field(page, 'metadata'), 'metadata');
    return {
      page: {
        items: asList(field(page, 'items'), 'items'),
        resourceVersion: asString(field(metadata, 'resourceVersion'), 'metadata.resourceVersion'),
        isFirst,
      },
      next: asString(field(metadata, 'continue') ?? '', 'metadata.continue'),
    };
  } catch (cause) {
    throw new MalformedAnswer(`list: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
