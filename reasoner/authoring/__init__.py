"""What a guideline author needs and a determination does not."""
