"""A question-answering service."""
