"""No Airflow DAG, a check: a regime pack that cannot be read shows as an import error of this file, with file, key and
reason, while the other regimes' DAGs stay."""

from baocao_calendar import pack_errors

if errors := pack_errors():
    raise RuntimeError("\n".join(errors.values()))
