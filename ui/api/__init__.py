"""The HTTP API: ``app.create_app(services)`` returns the application that ``serve`` runs and the page is mounted on."""
