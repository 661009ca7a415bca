"""Plain data: what the stages hand to each other. No I/O and no behaviour beyond reading a value."""
