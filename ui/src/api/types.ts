// The native API's answers under the names the UI uses: the one place where API types enter. What they look like is in schema.ts, made from the server's document.
import type * as Api from './schema';

/** Nanoseconds since 1970-01-01T00:00Z as text: beyond what a number holds exactly. */
export type UnixNanosText = string;

export type { Backlinks, FoundRows, Operations, Problem, Remedies, RootDurations, Services, SpanDetails, Status, TraceLayout, TraceList } from './schema';

export type TraceItem = Api.TraceList['traces'][number];
export type TopContributor = NonNullable<TraceItem['topContributor']>;
export type ServiceShare = TraceItem['services'][number];
export type Oddity = TraceItem['oddities'][number];

/** Segments in order of time that tile [fromNanos, toNanos), clocks corrected. */
export type CriticalPath = Api.TraceLayout['criticalPath'];
export type Contributor = Api.TraceLayout['contributors'][number];
export type Verdict = Api.TraceLayout['verdict'];
export type VerdictKind = Verdict['kind'];

export type SpanDetail = Api.SpanDetails['spans'][number];
export type SpanKindWord = SpanDetail['kind'];
export type SpanStatusWord = SpanDetail['status'];
export type SpanMark = SpanDetail['marks'][number];
export type AttributeJson = Api.Json;
export type Attributes = SpanDetail['attributes'];
/** What can be filtered by. */
export type AttributeKeys = Api.Attributes;

/** Indexed by {@link Api.TraceLayout.kind}. */
export const SPAN_KINDS: readonly SpanKindWord[] = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
/** Indexed by {@link Api.TraceLayout.status}. */
export const SPAN_STATUSES: readonly SpanStatusWord[] = ['unset', 'ok', 'error'];
/** Bit of each mark in {@link Api.TraceLayout.marks}. */
export const MARK_BITS = { orphan: 1, cycleCut: 2, sharedId: 4, endsBeforeStart: 8 } as const satisfies Record<SpanMark, number>;
