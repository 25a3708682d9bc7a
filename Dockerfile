# syntax=docker/dockerfile:1
# Airflow's own image, without its providers: every version comes from uv.lock, so that what was tested is what runs.
ARG AIRFLOW_IMAGE=apache/airflow:slim-3.3.2-python3.12
FROM ${AIRFLOW_IMAGE} AS engine

USER root
# LibreOffice turns the Word report into PDF; the fonts carry Vietnamese diacritics in the metrics of Times New Roman.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libreoffice-writer-nogui fonts-liberation \
    && apt-get clean && rm -rf /var/lib/apt/lists/* \
    && install -d -o airflow -g root -m 0775 /data /opt/baocao
WORKDIR /opt/baocao
USER airflow

COPY --chown=airflow:root pyproject.toml uv.lock README.md ./
RUN uv export --quiet --frozen --no-dev --no-emit-project --no-hashes \
        --extra airflow --extra celery --extra s3 --output-file /tmp/requirements.txt \
    && uv pip install --no-cache --requirements /tmp/requirements.txt \
    && rm /tmp/requirements.txt

COPY --chown=airflow:root src ./src
RUN uv pip install --no-cache --no-deps . && uv pip check

COPY --chown=airflow:root sql ./sql
COPY --chown=airflow:root include ./include
COPY --chown=airflow:root plugins ./plugins
COPY --chown=airflow:root dags ./dags
# The operator's handbook is a page of the desk.
COPY --chown=airflow:root docs/runbook.md ./docs/runbook.md

ENV BAOCAO_ROOT=/opt/baocao \
    BAOCAO_DATA=/data \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/baocao/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/baocao/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    AIRFLOW__CORE__DEFAULT_TIMEZONE=Asia/Ho_Chi_Minh \
    GX_ANALYTICS_ENABLED=false

# For an office that wants to try new forms on its desk
# (docker-compose.authoring.yaml). What writers of packs need is not on the machines that only run reports.
FROM engine AS authoring
COPY --chown=airflow:root authoring ./authoring
RUN uv export --quiet --frozen --no-dev --package baocao-authoring --no-emit-workspace --no-hashes \
        --output-file /tmp/requirements.txt \
    && uv pip install --no-cache --requirements /tmp/requirements.txt \
    && rm /tmp/requirements.txt \
    && uv pip install --no-cache --no-deps ./authoring && uv pip check

# What is built when no stage is named.
FROM engine
