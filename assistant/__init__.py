"""The way of a question: understand, find, answer, verify."""
