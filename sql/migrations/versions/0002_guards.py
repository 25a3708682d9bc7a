"""The database itself refuses what must never happen: a trail row changed, a decided row touched, a status moving left.

The program guards every move already (`baocao.store.moves`); this holds for whoever opens the database by hand too.
On SQLite a later migration that rebuilds a table (`batch_alter_table`) drops its triggers: it must create them again.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ALWAYS = "1 = 1"
# Never changed and never removed once written.
APPEND_ONLY = ("event", "window", "waiver", "cell", "finding", "gate", "approval")
# (table, operation, refused when)
GUARDS = [
    *((table, operation, ALWAYS) for table in APPEND_ONLY for operation in ("UPDATE", "DELETE")),
    ("event_head", "UPDATE", "NEW.seq <> OLD.seq + 1"),
    ("event_head", "DELETE", ALWAYS),
    ("submission", "UPDATE", "OLD.status <> 'RECEIVED' OR NEW.sha256 <> OLD.sha256 OR NEW.received_at <> OLD.received_at"),
    ("submission", "DELETE", ALWAYS),
    (
        "report",
        "UPDATE",
        "NOT (OLD.status = 'DRAFT' AND NEW.status = 'DRAFT') AND OLD.status || ' ' || NEW.status NOT IN ("
        "'DRAFT FROZEN', 'FROZEN APPROVED', 'FROZEN RETURNED', 'APPROVED SIGNED', 'APPROVED RETURNED',"
        " 'SIGNED DISPATCHED')"
        " OR NEW.regime <> OLD.regime OR NEW.period <> OLD.period OR NEW.version <> OLD.version"
        " OR OLD.status <> 'DRAFT' AND (NEW.content_sha256 <> OLD.content_sha256"
        " OR NEW.input_sha256 <> OLD.input_sha256"
        " OR CAST(NEW.manifest AS TEXT) <> CAST(OLD.manifest AS TEXT)"
        " OR COALESCE(CAST(NEW.findings AS TEXT), '') <> COALESCE(CAST(OLD.findings AS TEXT), ''))",
    ),
    ("report", "DELETE", "OLD.status <> 'DRAFT'"),
    ("dispatch", "UPDATE", "OLD.receipt IS NOT NULL OR NEW.package_sha256 <> OLD.package_sha256"),
    ("dispatch", "DELETE", ALWAYS),
    *(
        (table, operation, f"(SELECT status FROM report WHERE id = {row}.report_id) <> 'DRAFT'")
        for table in ("report_input", "report_value")
        for operation, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD"))
    ),
]


def upgrade() -> None:
    create = _create_postgresql if op.get_bind().dialect.name == "postgresql" else _create_sqlite
    for table, operation, refused in GUARDS:
        create(table, operation, refused)


def downgrade() -> None:
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    for table, operation, _refused in GUARDS:
        name = _name(table, operation)
        if on_postgresql:
            op.execute(f"DROP FUNCTION {name} CASCADE")
        else:
            op.execute(f"DROP TRIGGER {name}")


def _name(table: str, operation: str) -> str:
    return f"guard_{table}_{operation.lower()}"


def _message(table: str, operation: str) -> str:
    return f"{table}: {operation} is refused, this row is final"


def _create_sqlite(table: str, operation: str, refused: str) -> None:
    op.execute(
        f'CREATE TRIGGER {_name(table, operation)} BEFORE {operation} ON "{table}" WHEN {refused} '
        f"BEGIN SELECT RAISE(ABORT, '{_message(table, operation)}'); END"
    )


def _create_postgresql(table: str, operation: str, refused: str) -> None:
    name = _name(table, operation)
    row = "OLD" if operation == "DELETE" else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {refused} THEN "
        f"RAISE EXCEPTION '{_message(table, operation)}' USING ERRCODE = 'integrity_constraint_violation'; "
        f"END IF; RETURN {row}; END $$"
    )
    op.execute(f'CREATE TRIGGER {name} BEFORE {operation} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}()')
    if refused == ALWAYS and operation == "DELETE":
        op.execute(
            f'CREATE TRIGGER {name}_all BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION {name}()'
        )
