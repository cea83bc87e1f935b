// One trace: where the time went, and why.
export default function TracePage({ traceId }: { traceId: string }) {
  return <main>{traceId}</main>;
}
