"""Other systems on the same documents, model and questions, each in an environment of its own."""
