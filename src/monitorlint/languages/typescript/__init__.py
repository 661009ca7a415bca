"""The front end for TypeScript and JavaScript, on tree-sitter."""
