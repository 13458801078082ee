#!/bin/sh
# Brings Temporal's two PostgreSQL databases to the schema of this version; run at every start, before the server.
set -eu
export SQL_PASSWORD="$POSTGRES_PWD"

schema() {
  database=$1
  folder=/etc/temporal/schema/postgresql/v12/$2/versioned
  tool() {
    temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_SEEDS" -p "$DB_PORT" -u "$POSTGRES_USER" --db "$database" "$@"
  }
  # An existing database is only brought forward; one that cannot be is new.
  if tool update-schema -d "$folder"; then
    return
  fi
  tool create
  tool setup-schema -v 0.0
  tool update-schema -d "$folder"
}

schema temporal temporal
schema temporal_visibility visibility
