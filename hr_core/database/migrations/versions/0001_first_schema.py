"""The first schema: people, roles, audit, leave, approval, inbox, outbox, tasks.

Revision: 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("behalf", sa.String(64), nullable=True),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("on_whom", sa.String(64), nullable=True),
        sa.Column("record", sa.String(128), nullable=True),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("conversation", sa.String(128), nullable=True),
        sa.Column("source", sa.String(200), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("seal", sa.LargeBinary(), nullable=True),
        sa.Column("seal_key", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sa.UniqueConstraint("seq", name=op.f("uq_audit_seq")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_actor"), ["actor"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_on_whom"), ["on_whom"], unique=False)
    unsealed = sa.text("seq IS NULL")
    op.create_index("ix_audit_unsealed", "audit", ["id"], sqlite_where=unsealed, postgresql_where=unsealed)
    op.create_table(
        "audit_chain",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("tail", sa.LargeBinary(), nullable=False),
        sa.Column("seal_key", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_chain")),
    )
    op.create_table(
        "audit_head",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_head")),
    )
    _keep_what_is_written()
    op.create_table(
        "lease",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )

    op.create_table(
        "bound_group",
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("conversation_id", sa.String(128), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("bound_by", sa.String(64), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("purpose", name=op.f("pk_bound_group")),
    )
    op.create_table(
        "data_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("data_class", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("master", sa.String(8), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_key")),
    )
    active = sa.text("status = 'active'")
    op.create_index(
        "uq_data_key_active", "data_key", ["data_class"], unique=True, sqlite_where=active, postgresql_where=active
    )
    op.create_table(
        "department",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("key", name=op.f("uq_department_key")),
    )
    op.create_table(
        "directory_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_version")),
    )
    op.create_table(
        "employee",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("employee_number", sa.String(), nullable=True),
        sa.Column("hired_on", sa.Date(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("legal_entity", sa.String(128), nullable=True),
        sa.Column("region", sa.String(128), nullable=True),
        sa.Column("details_read", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employee")),
        sa.UniqueConstraint("key", name=op.f("uq_employee_key")),
    )
    op.create_table(
        "inbox",
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("sender", sa.String(200), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("body_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("ack_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(64), nullable=True),
        sa.Column("error", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_inbox")),
        sa.UniqueConstraint("id", name=op.f("uq_inbox_id")),
    )
    unfinished, kept = sa.text("status <> 'done'"), sa.text("ack_sealed IS NOT NULL")
    op.create_index(
        "ix_inbox_open", "inbox", ["status", "sender", "seq"], sqlite_where=unfinished, postgresql_where=unfinished
    )
    op.create_index("ix_inbox_ack", "inbox", ["done_at"], sqlite_where=kept, postgresql_where=kept)

    op.create_table(
        "mark",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mark")),
    )
    op.create_table(
        "usage",
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "kind", "what", name=op.f("pk_usage")),
    )
    op.create_table(
        "replica",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("machine", sa.String(128), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("masters", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_replica")),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("args", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(200), nullable=True),
        sa.Column("job", sa.String(64), nullable=True),
        sa.Column("lock", sa.String(200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("owner", sa.String(64), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rest_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(200), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("engine_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("key", name=op.f("uq_task_key")),
    )
    open_ = sa.text("status IN ('new', 'running')")
    op.create_index("ix_task_open", "task", ["ready_at", "id"], sqlite_where=open_, postgresql_where=open_)
    op.create_index("ix_task_job_due_at", "task", ["job", "due_at"])

    op.create_table(
        "approval_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comment_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["employee.id"], name=op.f("fk_approval_step_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_step")),
        sa.UniqueConstraint("kind", "request_id", "position", name=op.f("uq_approval_step_kind_request_id_position")),
    )
    op.create_table(
        "card",
        sa.Column("track_id", sa.String(64), nullable=False),
        sa.Column("template", sa.String(16), nullable=False),
        sa.Column("view", sa.String(64), nullable=False),
        sa.Column("subject", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(64), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("shown_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["recipient"], ["employee.id"], name=op.f("fk_card_recipient")),
        sa.PrimaryKeyConstraint("track_id", name=op.f("pk_card")),
    )
    with op.batch_alter_table("card", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_card_recipient"), ["recipient"], unique=False)
        batch_op.create_index(batch_op.f("ix_card_subject"), ["subject"], unique=False)

    op.create_table(
        "payslip_layout",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_payslip_layout")),
    )
    op.create_table(
        "payslip_draft",
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("file_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("marked_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_payslip_draft_employee_id")),
        sa.PrimaryKeyConstraint("employee_id", name=op.f("pk_payslip_draft")),
    )
    with op.batch_alter_table("payslip_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payslip_draft_at"), ["at"], unique=False)

    op.create_table(
        "payslip_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=True),
        sa.Column("prepared_by", sa.Integer(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.Integer(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["prepared_by"], ["employee.id"], name=op.f("fk_payslip_batch_prepared_by")),
        sa.ForeignKeyConstraint(["released_by"], ["employee.id"], name=op.f("fk_payslip_batch_released_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payslip_batch")),
    )
    with op.batch_alter_table("payslip_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payslip_batch_month"), ["month"], unique=False)

    op.create_table(
        "payslip",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("lines_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["payslip_batch.id"], name=op.f("fk_payslip_batch_id")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_payslip_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payslip")),
        sa.UniqueConstraint("employee_id", "month", "version", name=op.f("uq_payslip_employee_id_month_version")),
    )
    with op.batch_alter_table("payslip", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payslip_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payslip_employee_id"), ["employee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payslip_month"), ["month"], unique=False)
        batch_op.create_index(batch_op.f("ix_payslip_released_at"), ["released_at"], unique=False)

    op.create_table(
        "payslip_dispute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("payslip_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(64), nullable=False),
        sa.Column("words_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["employee.id"], name=op.f("fk_payslip_dispute_answered_by")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_payslip_dispute_employee_id")),
        sa.ForeignKeyConstraint(["payslip_id"], ["payslip.id"], name=op.f("fk_payslip_dispute_payslip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payslip_dispute")),
    )
    with op.batch_alter_table("payslip_dispute", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payslip_dispute_employee_id"), ["employee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payslip_dispute_payslip_id"), ["payslip_id"], unique=False)

    op.create_table(
        "paper_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("view", sa.String(64), nullable=False),
        sa.Column("subject", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["recipient"], ["employee.id"], name=op.f("fk_paper_link_recipient")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_link")),
        sa.UniqueConstraint("digest", name=op.f("uq_paper_link_digest")),
    )
    with op.batch_alter_table("paper_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_paper_link_recipient"), ["recipient"], unique=False)

    op.create_table(
        "department_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_department_version_department_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["department.id"], name=op.f("fk_department_version_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department_version")),
    )
    with op.batch_alter_table("department_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_department_version_department_id"), ["department_id"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_consent_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_employee_id"), ["employee_id"], unique=False)

    op.create_table(
        "correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["employee.id"], name=op.f("fk_correction_decided_by")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_correction_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_correction_employee_id"), ["employee_id"], unique=False)

    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["employee.id"], name=op.f("fk_erasure_decided_by")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_erasure_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_erasure_employee_id"), ["employee_id"], unique=False)

    op.create_table(
        "dialogue",
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_dialogue_employee_id")),
        sa.PrimaryKeyConstraint("employee_id", name=op.f("pk_dialogue")),
    )
    op.create_table(
        "leave_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("leave_type", sa.String(32), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("start_half", sa.String(2), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("end_half", sa.String(2), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("route_version", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_leave_request_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_request")),
    )
    with op.batch_alter_table("leave_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_leave_request_employee_id"), ["employee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_leave_request_end"), ["end"], unique=False)
        batch_op.create_index(batch_op.f("ix_leave_request_start"), ["start"], unique=False)
        batch_op.create_index(batch_op.f("ix_leave_request_status"), ["status"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("is_head", sa.Boolean(), nullable=False),
        sa.Column("position", sa.String(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_membership_department_id")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_membership_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_employee_id"), ["employee_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("lane", sa.String(140), nullable=False),
        sa.Column("to_employee", sa.Integer(), nullable=True),
        sa.Column("to_group", sa.String(16), nullable=True),
        sa.Column("conversation", sa.String(128), nullable=True),
        sa.Column("update_card", sa.String(64), nullable=True),
        sa.Column("view", sa.String(64), nullable=False),
        sa.Column("subject", sa.Integer(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("track_id", sa.String(64), nullable=False),
        sa.Column("cause", sa.String(200), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("carrier", sa.String(256), nullable=True),
        sa.Column("error", sa.String(200), nullable=True),
        sa.Column("owner", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(["to_employee"], ["employee.id"], name=op.f("fk_outbox_to_employee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("track_id", name=op.f("uq_outbox_track_id")),
    )
    waiting = sa.text("status IN ('new', 'sending')")
    op.create_index("ix_outbox_open", "outbox", ["lane", "id"], sqlite_where=waiting, postgresql_where=waiting)
    aside = sa.text("status IN ('dead', 'unknown')")
    op.create_index("ix_outbox_aside", "outbox", ["status", "id"], sqlite_where=aside, postgresql_where=aside)

    op.create_table(
        "reporting_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("manager_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_reporting_line_employee_id")),
        sa.ForeignKeyConstraint(["manager_id"], ["employee.id"], name=op.f("fk_reporting_line_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporting_line")),
    )
    with op.batch_alter_table("reporting_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reporting_line_employee_id"), ["employee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reporting_line_manager_id"), ["manager_id"], unique=False)

    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("legal_entity", sa.String(128), nullable=True),
        sa.Column("region", sa.String(128), nullable=True),
        sa.Column("position", sa.String(128), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.String(64), nullable=False),
        sa.Column("login", sa.String(64), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["employee.id"], name=op.f("fk_role_grant_decided_by")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_role_grant_department_id")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_role_grant_employee_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint(
            "employee_id",
            "role",
            "department_id",
            "granted_at",
            name=op.f("uq_role_grant_employee_id_role_department_id_granted_at"),
        ),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grant_employee_id"), ["employee_id"], unique=False)

    op.create_table(
        "refusal",
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("actor", name=op.f("pk_refusal")),
    )
    op.create_table(
        "command",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("on_employee", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(64), nullable=True),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_command_employee_id")),
        sa.ForeignKeyConstraint(["on_employee"], ["employee.id"], name=op.f("fk_command_on_employee")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_command")),
    )
    op.create_table(
        "approval_approver",
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_approval_approver_employee_id")),
        sa.ForeignKeyConstraint(["step_id"], ["approval_step.id"], name=op.f("fk_approval_approver_step_id")),
        sa.PrimaryKeyConstraint("step_id", "employee_id", name=op.f("pk_approval_approver")),
    )
    with op.batch_alter_table("approval_approver", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approval_approver_employee_id"), ["employee_id"], unique=False)

    op.create_table(
        "leave_ledger",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("leave_type", sa.String(32), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("usable_from", sa.Date(), nullable=True),
        sa.Column("once", sa.String(64), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_leave_ledger_employee_id")),
        sa.ForeignKeyConstraint(["request_id"], ["leave_request.id"], name=op.f("fk_leave_ledger_request_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave_ledger")),
        sa.UniqueConstraint("employee_id", "once", name=op.f("uq_leave_ledger_employee_id_once")),
    )
    with op.batch_alter_table("leave_ledger", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_leave_ledger_employee_id"), ["employee_id"], unique=False)

    op.create_table(
        "hire",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=True),
        sa.Column("mobile_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("mobile_index", sa.LargeBinary(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.String(200), nullable=True),
        sa.Column("manager_id", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("employment", sa.String(16), nullable=False),
        sa.Column("contract", sa.String(16), nullable=False),
        sa.Column("contract_months", sa.Integer(), nullable=True),
        sa.Column("probation_months", sa.Integer(), nullable=False),
        sa.Column("former_id", sa.Integer(), nullable=True),
        sa.Column("userid", sa.String(64), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("greeted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["employee.id"], name=op.f("fk_hire_created_by")),
        sa.ForeignKeyConstraint(["department_id"], ["department.id"], name=op.f("fk_hire_department_id")),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_hire_employee_id")),
        sa.ForeignKeyConstraint(["former_id"], ["employee.id"], name=op.f("fk_hire_former_id")),
        sa.ForeignKeyConstraint(["manager_id"], ["employee.id"], name=op.f("fk_hire_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hire")),
        sa.UniqueConstraint("userid", name=op.f("uq_hire_userid")),
    )
    for column in ("employee_id", "first_day", "mobile_index", "status"):
        op.create_index(op.f(f"ix_hire_{column}"), "hire", [column])
    is_open = sa.text("status IN ('pending', 'running', 'waiting', 'stuck', 'stopped', 'cancelling')")
    op.create_index(
        "uq_hire_mobile_open", "hire", ["mobile_index"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_table(
        "hire_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hire_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(80), nullable=True),
        sa.Column("external_id", sa.String(64), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hire_id"], ["hire.id"], name=op.f("fk_hire_step_hire_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hire_step")),
        sa.UniqueConstraint("hire_id", "name", name=op.f("uq_hire_step_hire_id_name")),
    )
    op.create_table(
        "hire_task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hire_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(60), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["done_by"], ["employee.id"], name=op.f("fk_hire_task_done_by")),
        sa.ForeignKeyConstraint(["hire_id"], ["hire.id"], name=op.f("fk_hire_task_hire_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["employee.id"], name=op.f("fk_hire_task_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hire_task")),
        sa.UniqueConstraint("hire_id", "position", name=op.f("uq_hire_task_hire_id_position")),
    )
    op.create_index(op.f("ix_hire_task_owner_id"), "hire_task", ["owner_id"])
    op.create_table(
        "employee_number",
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("hire_id", sa.Integer(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hire_id"], ["hire.id"], name=op.f("fk_employee_number_hire_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_employee_number")),
        sa.UniqueConstraint("hire_id", name=op.f("uq_employee_number_hire_id")),
    )

    op.create_table(
        "personnel_file",
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_personnel_file_employee_id")),
        sa.PrimaryKeyConstraint("employee_id", name=op.f("pk_personnel_file")),
    )
    op.create_table(
        "personnel_field",
        sa.Column("slot", sa.String(64), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("value_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("account_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("number_index", sa.LargeBinary(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_personnel_field_employee_id")),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_personnel_field")),
    )
    op.create_index("ix_personnel_field_employee_id", "personnel_field", ["employee_id"])
    op.create_index("ix_personnel_field_number_index", "personnel_field", ["number_index"])
    op.create_table(
        "personnel_document",
        sa.Column("slot", sa.String(64), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("content_type", sa.String(32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_personnel_document_employee_id")),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_personnel_document")),
    )
    op.create_index("ix_personnel_document_employee_id", "personnel_document", ["employee_id"])
    op.create_table(
        "identity_reading",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("viewer_id", sa.Integer(), nullable=False),
        sa.Column("employee_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("why", sa.String(64), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employee_id"], ["employee.id"], name=op.f("fk_identity_reading_employee_id")),
        sa.ForeignKeyConstraint(["viewer_id"], ["employee.id"], name=op.f("fk_identity_reading_viewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_reading")),
    )
    op.create_index("ix_identity_reading_until", "identity_reading", ["until"])


def downgrade() -> None:
    """Take back."""
    for table in ("employee_number", "hire_task", "hire_step", "hire"):
        op.drop_table(table)
    op.drop_table("identity_reading")
    op.drop_table("personnel_document")
    op.drop_table("personnel_field")
    op.drop_table("personnel_file")
    with op.batch_alter_table("leave_ledger", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_leave_ledger_employee_id"))

    op.drop_table("leave_ledger")
    with op.batch_alter_table("approval_approver", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approval_approver_employee_id"))

    op.drop_table("approval_approver")
    op.drop_table("command")
    op.drop_table("refusal")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_grant_employee_id"))

    op.drop_table("role_grant")
    with op.batch_alter_table("reporting_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reporting_line_manager_id"))
        batch_op.drop_index(batch_op.f("ix_reporting_line_employee_id"))

    op.drop_table("reporting_line")
    op.drop_index("ix_outbox_aside", "outbox")
    op.drop_index("ix_outbox_open", "outbox")

    op.drop_table("outbox")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_employee_id"))
        batch_op.drop_index(batch_op.f("ix_membership_department_id"))

    op.drop_table("membership")
    with op.batch_alter_table("leave_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_leave_request_status"))
        batch_op.drop_index(batch_op.f("ix_leave_request_start"))
        batch_op.drop_index(batch_op.f("ix_leave_request_end"))
        batch_op.drop_index(batch_op.f("ix_leave_request_employee_id"))

    op.drop_table("leave_request")
    op.drop_table("dialogue")
    with op.batch_alter_table("erasure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_erasure_employee_id"))

    op.drop_table("erasure")
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_correction_employee_id"))

    op.drop_table("correction")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_employee_id"))

    op.drop_table("consent")
    with op.batch_alter_table("department_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_department_version_department_id"))

    op.drop_table("department_version")
    with op.batch_alter_table("payslip_dispute", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payslip_dispute_payslip_id"))
        batch_op.drop_index(batch_op.f("ix_payslip_dispute_employee_id"))

    op.drop_table("payslip_dispute")
    with op.batch_alter_table("payslip", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payslip_released_at"))
        batch_op.drop_index(batch_op.f("ix_payslip_month"))
        batch_op.drop_index(batch_op.f("ix_payslip_employee_id"))
        batch_op.drop_index(batch_op.f("ix_payslip_batch_id"))

    op.drop_table("payslip")
    with op.batch_alter_table("payslip_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payslip_batch_month"))

    op.drop_table("payslip_batch")
    op.drop_table("payslip_draft")
    op.drop_table("payslip_layout")
    with op.batch_alter_table("paper_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_paper_link_recipient"))

    op.drop_table("paper_link")
    with op.batch_alter_table("card", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_card_subject"))
        batch_op.drop_index(batch_op.f("ix_card_recipient"))

    op.drop_table("card")
    op.drop_table("approval_step")
    op.drop_index("ix_task_job_due_at", "task")
    op.drop_index("ix_task_open", "task")

    op.drop_table("task")
    op.drop_table("mark")
    op.drop_table("replica")
    op.drop_table("usage")
    op.drop_index("ix_inbox_ack", "inbox")
    op.drop_index("ix_inbox_open", "inbox")

    op.drop_table("inbox")
    op.drop_table("employee")
    op.drop_table("directory_version")
    op.drop_table("department")
    op.drop_index("uq_data_key_active", "data_key")
    op.drop_table("data_key")
    op.drop_table("bound_group")
    op.drop_table("lease")
    op.drop_table("audit_head")
    op.drop_table("audit_chain")
    op.drop_index("ix_audit_unsealed", "audit")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_on_whom"))
        batch_op.drop_index(batch_op.f("ix_audit_at"))
        batch_op.drop_index(batch_op.f("ix_audit_actor"))

    op.drop_table("audit")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION append_only()")


_CONTENT = (
    "id", "at", "actor", "behalf", "action", "on_whom", "record", "outcome", "why", "conversation", "source",
)  # fmt: skip


def _keep_what_is_written() -> None:
    """Let the database refuse to change or remove audit rows and heads; a row is sealed once.

    A batch migration of these tables on SQLite makes them anew and has to make the triggers anew with them.
    """
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME; END $$"
        )
        same = " AND ".join(f"OLD.{name} IS NOT DISTINCT FROM NEW.{name}" for name in _CONTENT)
        sealing = f"OLD.seq IS NULL AND NEW.seq IS NOT NULL AND NEW.seal IS NOT NULL AND {same}"
        refuse = "EXECUTE FUNCTION append_only()"
        op.execute(f"CREATE TRIGGER audit_change BEFORE UPDATE ON audit FOR EACH ROW WHEN (NOT ({sealing})) {refuse}")
        op.execute(f"CREATE TRIGGER audit_head_change BEFORE UPDATE ON audit_head FOR EACH ROW {refuse}")
        for table in ("audit", "audit_head"):
            op.execute(f"CREATE TRIGGER {table}_removal BEFORE DELETE ON {table} FOR EACH ROW {refuse}")
            op.execute(f"CREATE TRIGGER {table}_emptying BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}")
        return
    same = " AND ".join(f"OLD.{name} IS NEW.{name}" for name in _CONTENT)
    sealing = f"OLD.seq IS NULL AND NEW.seq IS NOT NULL AND NEW.seal IS NOT NULL AND {same}"
    # INSERT OR REPLACE removes a row without asking the trigger on DELETE.
    replacing = {
        "audit": "EXISTS (SELECT 1 FROM audit WHERE id = NEW.id OR seq = NEW.seq)",
        "audit_head": "EXISTS (SELECT 1 FROM audit_head WHERE number = NEW.number)",
    }
    for table, when in {"audit": f"NOT ({sealing})", "audit_head": "1"}.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, 'table {table} is append-only'); END"
        op.execute(f"CREATE TRIGGER {table}_change BEFORE UPDATE ON {table} WHEN {when} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_removal BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_replacing BEFORE INSERT ON {table} WHEN {replacing[table]} {refuse}")
