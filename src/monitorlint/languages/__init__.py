"""Front ends: one language each. A front end reads a file into facts; siblings never import each other."""
