"""The audit log only grows: the database itself refuses to change or delete its rows."""

from typing import Any

from django.db import migrations

TABLE = "accounts_auditentry"
SQLITE = [
    f"""CREATE TRIGGER audit_no_{act.lower()} BEFORE {act} ON {TABLE}
    BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"""
    for act in ("UPDATE", "DELETE")
]
POSTGRESQL = [
    """CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$""",
    f"""CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION audit_only_grows()""",
]
STATEMENTS = {
    "sqlite": (SQLITE, ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"]),
    "postgresql": (POSTGRESQL, [f"DROP TRIGGER audit_only_grows ON {TABLE}", "DROP FUNCTION audit_only_grows()"]),
}


def _guard(apps: Any, schema_editor: Any) -> None:
    for statement in STATEMENTS[schema_editor.connection.vendor][0]:
        schema_editor.execute(statement)


def _unguard(apps: Any, schema_editor: Any) -> None:
    for statement in STATEMENTS[schema_editor.connection.vendor][1]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    """Adds the triggers."""

    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(_guard, _unguard)]
