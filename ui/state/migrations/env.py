"""What Alembic runs: the migrations on the connection that it is handed, within the transaction of that.

It sets up no logging: that is the program's.
"""

from alembic import context

from ui.state.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
