"""Settings: found, validated, and handed on as one frozen value."""
