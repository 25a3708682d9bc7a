"""A pool a regime: the trouble of one province takes the slots of its own pool, never those of another.

A task whose pool does not exist waits in `scheduled` for ever, with a warning in the scheduler's log alone. So nobody
has to remember to make a pool: the API server, without which no task runs, makes those that are missing when it starts
and whenever a regime is added. How many slots a pool has is the operator's (Admin, Pools): what exists is left alone.
"""

from __future__ import annotations

import logging

from baocao_calendar import regimes

from baocao.model.regime import Regime

log = logging.getLogger(__name__)

SLOTS = 2
"""One period may be consolidated while another opens; a machine has more workers than one regime may hold."""


def pool_of(regime: Regime) -> str:
    """Plain letters, because the name stands in metrics too."""
    return regime.dag_prefix


def make_missing_pools() -> list[str]:
    """The names of the pools made."""
    from airflow.models.pool import Pool
    from airflow.utils.session import create_session
    from sqlalchemy import select

    made = []
    with create_session() as session:
        known = set(session.scalars(select(Pool.pool)))
        for regime in regimes():
            if (name := pool_of(regime)) in known:
                continue
            session.add(Pool(pool=name, slots=SLOTS, description=regime.label, include_deferred=False))
            made.append(name)
    if made:
        log.info("Đã lập pool cho chế độ: %s", ", ".join(made))
    return made
