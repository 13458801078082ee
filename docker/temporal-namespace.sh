#!/bin/sh
# Makes the namespace of the cases. Closed workflows stay readable in the Temporal UI for the retention; the sealed record in MongoDB outlives it.
set -eu

temporal operator cluster health
if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" > /dev/null 2>&1; then
  exit 0
fi
temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 90d
