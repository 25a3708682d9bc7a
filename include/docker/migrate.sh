#!/usr/bin/env bash
# One-shot before the services start: Airflow's schema, our schema, the users. Every step may be repeated.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

airflow db migrate
baocao migrate
python "$here/users.py"
