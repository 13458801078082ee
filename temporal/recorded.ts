import type { Client } from '@temporalio/client';
import type { LoadedDataConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** Events asked for at once; the recording that is looked for is almost always among the last. */
const PAGE = 100;
/** The marker under which the SDK's core puts down a local activity. */
const LOCAL_ACTIVITY = 'core_local_activity';

/**
 * The number of the last event that a run of a case had put on file as far as Temporal knows; 0 when it has recorded none yet.
 * Read from the history itself, newest first: no worker is needed, and no workflow is asked, since a query answered while a local activity runs can leave a history that no
 * longer replays.
 */
export async function lastRecorded({ workflowService, options: { namespace, loadedDataConverter } }: Client, execution: { readonly workflowId: string; readonly runId: string }): Promise<number> {
  for (let nextPageToken: Uint8Array = new Uint8Array(); ;) {
    const page = await workflowService.getWorkflowExecutionHistoryReverse({ namespace, execution, maximumPageSize: PAGE, nextPageToken });
    for (const event of page.history?.events ?? []) {
      const seq = await recordedBy(event, loadedDataConverter);
      if (seq !== undefined) return seq;
    }
    nextPageToken = page.nextPageToken ?? new Uint8Array();
    if (nextPageToken.length === 0) return 0;
  }
}

/** What an event says of the file: the result of a recording, or what a run was carried on with. */
async function recordedBy({ markerRecordedEventAttributes: marker, workflowExecutionStartedEventAttributes: started }: HistoryEvent, converter: LoadedDataConverter): Promise<number | undefined> {
  // Loaded here, for the commands that do without Temporal.
  const { decodeFromPayloadsAtIndex } = await import('@temporalio/common/lib/internal-non-workflow/index.js');
  if (started != null) {
    const start = await decodeFromPayloadsAtIndex<{ readonly carried?: { readonly seq: number } } | undefined>(converter, 0, started.input?.payloads);
    return start?.carried?.seq ?? 0;
  }
  if (marker?.markerName !== LOCAL_ACTIVITY) return undefined;
  const { activity_type: type } = JSON.parse(Buffer.from(marker.details?.['data']?.payloads?.[0]?.data ?? []).toString('utf8')) as { readonly activity_type?: string };
  if (type !== 'record') return undefined;
  const result = await decodeFromPayloadsAtIndex<{ readonly head?: { readonly seq: number } } | undefined>(converter, 0, marker.details?.['result']?.payloads);
  return result?.head?.seq;
}
