"""What ``monitorlint init`` writes into a project: templates, and where they belong."""
