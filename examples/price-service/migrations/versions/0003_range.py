"""Log the range beside the price (toggle price_range). Expand: two nullable columns.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '10s'")
    op.add_column("predictions", sa.Column("low", sa.Double))
    op.add_column("predictions", sa.Column("high", sa.Double))
