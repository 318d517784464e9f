"""The history of the tables; ``ui.state.database`` runs it when a database is opened."""
