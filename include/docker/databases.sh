#!/usr/bin/env bash
# Runs once, when the PostgreSQL volume is empty: two databases, each owned by a role of its own. Airflow cannot read
# our figures and we cannot read Airflow's.
set -euo pipefail

secret() { cat "${SECRETS_DIR:-/run/secrets}/$1"; }

psql --set=ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres --quiet \
    --set=airflow_password="$(secret airflow_db_password)" \
    --set=baocao_password="$(secret baocao_db_password)" \
    --set=app_password="$(secret baocao_app_db_password)" <<'SQL'
CREATE ROLE airflow LOGIN PASSWORD :'airflow_password';
CREATE ROLE baocao LOGIN PASSWORD :'baocao_password';
-- The application owns nothing: it cannot drop a trigger. `baocao migrate` gives it its rights.
CREATE ROLE baocao_app LOGIN PASSWORD :'app_password';
CREATE DATABASE airflow OWNER airflow ENCODING 'UTF8' TEMPLATE template0;
CREATE DATABASE baocao OWNER baocao ENCODING 'UTF8' TEMPLATE template0;
REVOKE CONNECT ON DATABASE airflow, baocao FROM PUBLIC;
GRANT CONNECT ON DATABASE baocao TO baocao_app;
SQL
