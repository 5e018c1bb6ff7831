#!/bin/sh
# Run by PostgreSQL's image once, when its volume is empty. Countersign owns its database and is no superuser; who is
# one has no password, and comes in by `docker compose exec database psql --username postgres` alone.
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=password="$POSTGRES_PASSWORD" --username postgres --dbname postgres <<'SQL'
CREATE ROLE countersign LOGIN PASSWORD :'password';
CREATE DATABASE countersign OWNER countersign;
ALTER ROLE postgres PASSWORD NULL;
SQL
