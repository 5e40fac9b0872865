import { asList, asObject, asString, field, type Json } from '../../objects/fields.ts';
import { AnswerTooLarge, ApiError, MalformedAnswer } from './api-error.ts';
import type { Client } from './client.ts';
import type { Resource } from './resource.ts';
import type { RequestOptions } from './transport.ts';

/** METADATA_LIST asks for a list of only the metadata. */
export const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** As client-go's pager (tools/pager/pager.go). */
const PAGE_SIZE = 500;

/**
 * PAGE_BYTES is how long a page may be. Parsed, `{}` takes 64 bytes for its three, so this is 90 MB at worst, for only
 * one page; 500 ordinary objects are two MiB. A longer object gets a page of its own.
 */
const PAGE_BYTES = 4 * 2 ** 20;

/** ListPage is one page of a LIST. */
export interface ListPage {
  /** Emptied once the next page is asked for, so that two are never held at once. */
  readonly items: unknown[];
  readonly resourceVersion: string;
  /** Begins a list: earlier pages no longer count. */
  readonly isFirst: boolean;
}

/**
 * listPages lists a collection page by page. If a page is too large to hold, smaller ones follow until they fit again.
 * If the list has become too old to continue (410), it starts again in one piece, as client-go does, since pages would
 * become too old again, or from its first page if one piece is too large.
 */
export async function* listPages(
  client: Client,
  resource: Resource,
  options: RequestOptions,
): AsyncGenerator<ListPage> {
  const whole = withoutVersion(options.query);
  let limit = PAGE_SIZE;
  let next = '';
  for (;;) {
    const query = next === '' ? { ...options.query, limit } : { ...whole, limit, continue: next };
    let read: ReadPage | undefined = await readPage(
      client,
      resource,
      { ...options, query, ...sizeOf(limit, options) },
      next === '',
    );
    if (read === undefined) {
      limit = Math.ceil(limit / 10);
      continue;
    }
    if (read === 'expired') {
      read = await readPage(client, resource, { ...options, query: whole, maxBytes: PAGE_BYTES }, true);
      next = '';
      if (read === undefined || read === 'expired') continue;
    }
    yield read.page;
    read.page.items.length = 0;
    if (read.next === '') return;
    next = read.next;
    limit = Math.min(PAGE_SIZE, 2 * limit);
  }
}

/** A single object may have any size that the API server stores; a request with a budget is not repeated. */
function sizeOf(limit: number, { budget }: RequestOptions): Pick<RequestOptions, 'maxBytes'> {
  return limit === 1 || budget !== undefined ? {} : { maxBytes: PAGE_BYTES };
}

/** A continue token carries the version; the API server refuses another beside it. */
function withoutVersion(query: RequestOptions['query'] = {}): NonNullable<RequestOptions['query']> {
  const { resourceVersion: _, ...rest } = query;
  return rest;
}

type ReadPage = { readonly page: ListPage; readonly next: string } | 'expired';

/** readPage asks for one page; undefined if it is longer than allowed. */
async function readPage(
  client: Client,
  resource: Resource,
  options: RequestOptions,
  isFirst: boolean,
): Promise<ReadPage | undefined> {
  try {
    return pageOf(await client.list(resource, options), isFirst);
  } catch (error) {
    if (error instanceof AnswerTooLarge && options.maxBytes !== undefined) return undefined;
    if (error instanceof ApiError && error.isExpired && !isFirst) return 'expired';
    throw error;
  }
}

function pageOf(page: Json, isFirst: boolean): Exclude<ReadPage, 'expired'> {
  try {
    const metadata = asObject(field(page, 'metadata'), 'metadata');
    return {
      page: {
        // The answer's own list, to be emptied: a copy would leave it whole.
        items: asList(field(page, 'items'), 'items') as unknown[],
        resourceVersion: asString(field(metadata, 'resourceVersion'), 'metadata.resourceVersion'),
        isFirst,
      },
      next: asString(field(metadata, 'continue') ?? '', 'metadata.continue'),
    };
  } catch (cause) {
    throw new MalformedAnswer(`list: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
